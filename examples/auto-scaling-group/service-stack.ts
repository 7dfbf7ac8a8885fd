import { type App, CfnOutput, CfnParameter, Stack } from 'aws-cdk-lib';
import { CfnAutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import { CfnLaunchTemplate } from 'aws-cdk-lib/aws-ec2';
import { InstanceProfile, ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';

export interface ServiceStackProps {
  /** The value of the instances' `Name` tag, and the name of their role. */
  readonly instanceName: string;
}

/** A group whose instances run the newest image of their name, from the first one on. */
export class ServiceStack extends Stack {
  constructor(app: App, id: string, { instanceName }: ServiceStackProps) {
    super(app, id, { description: `${instanceName}, which runs its newest image: Amity sees to that` });
    const subnets = new CfnParameter(this, 'Subnets', {
      type: 'List<AWS::EC2::Subnet::Id>',
      description: 'Where the instances run: in two Availability Zones or more',
    });
    const securityGroups = new CfnParameter(this, 'SecurityGroups', {
      type: 'List<AWS::EC2::SecurityGroup::Id>',
      description: 'Of the instances',
    });
    // Amity's pointer, read when this is deployed. With `resolve:ssm:` in the launch template itself, an instance
    // refresh could not go back by itself: the service refuses that.
    const image = new CfnParameter(this, 'Image', {
      type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>',
      default: `/amity/images/${instanceName}/latest`,
      description: 'The parameter that holds the image of the first instances',
    });

    const template = this.launchTemplate(instanceName, image.valueAsString, securityGroups.valueAsList);
    const group = new CfnAutoScalingGroup(this, 'Group', {
      vpcZoneIdentifier: subnets.valueAsList,
      minSize: '2',
      maxSize: '4',
      // The version that Amity made the default last. With `template.attrLatestVersionNumber` a deployment would take the
      // group back to what CloudFormation made. Amity sets the number before it refreshes the group, and CloudFormation
      // this again when it changes the group: both mean the same version.
      launchTemplate: { launchTemplateId: template.ref, version: '$Default' },
      // Without, an instance would count as healthy as soon as it runs.
      healthCheckGracePeriod: 120,
      tags: Object.entries({
        // A rollout replaces the instances; without this tag, only new ones get the new image.
        'amity:refresh': 'true',
        // Of two instances one serves while the other is replaced.
        'amity:min-healthy-percentage': '50',
        // With half of them replaced, an hour to look at the new ones. The rest follows by itself.
        'amity:checkpoints': '50',
      }).map(([key, value]) => ({ key, value, propagateAtLaunch: false })),
      // And no update policy: CloudFormation would replace instances, too.
    });
    new CfnOutput(this, 'GroupName', { value: group.ref });
    new CfnOutput(this, 'LaunchTemplateId', { value: template.ref });
  }

  /**
   * What is changed here makes a version that is not yet the default one. Make it that, so that the next image comes with it:
   * `aws ec2 modify-launch-template --launch-template-id lt-… --default-version …`
   */
  private launchTemplate(
    instanceName: string,
    imageId: string,
    securityGroupIds: string[],
  ): CfnLaunchTemplate {
    // `rollout.instanceRoles` in Amity's configuration lists this role: else a rollout ends with `pass-role`.
    const role = new Role(this, 'Role', {
      roleName: instanceName,
      assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('AmazonSSMManagedInstanceCore')],
    });
    const profile = new InstanceProfile(this, 'Profile', { role });
    return new CfnLaunchTemplate(this, 'Template', {
      // The template's own tag; those of the instances are below.
      tagSpecifications: [
        { resourceType: 'launch-template', tags: [{ key: 'amity:follow', value: instanceName }] },
      ],
      launchTemplateData: {
        imageId,
        instanceType: 't3.micro',
        iamInstanceProfile: { arn: profile.instanceProfileArn },
        securityGroupIds,
        metadataOptions: { httpTokens: 'required' },
        tagSpecifications: [{ resourceType: 'instance', tags: [{ key: 'Name', value: instanceName }] }],
      },
    });
  }
}
