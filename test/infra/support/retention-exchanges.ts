import {
  DescribeAutoScalingGroupsCommand,
  DescribeLaunchConfigurationsCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateImageUsageReportCommand,
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeImageAttributeCommand,
  DescribeImageUsageReportEntriesCommand,
  DescribeImageUsageReportsCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeSnapshotsCommand,
  DisableImageCommand,
  DisableImageDeprecationCommand,
  EnableImageCommand,
  EnableImageDeprecationCommand,
  ListImagesInRecycleBinCommand,
  ModifyImageAttributeCommand,
  RestoreImageFromRecycleBinCommand,
  RestoreSnapshotFromRecycleBinCommand,
} from '@aws-sdk/client-ec2';

const ImageId = 'ami-1';
const Filters = [{ Name: 'tag-key', Values: ['a', 'b'] }];
const page = { MaxResults: 200, NextToken: 't' };
const next = '<nextToken>n</nextToken>';
const yes = '<return>true</return>';

/** What retention asks of EC2, with all that it sends, and an answer with all that it reads. */
export const RETENTION = {
  CreateImageUsageReport: [
    new CreateImageUsageReportCommand({
      ImageId,
      ResourceTypes: [{ ResourceType: 'ec2:Instance' }, { ResourceType: 'ec2:LaunchTemplate' }],
      ClientToken: 'once',
    }),
    '<reportId>amiur-1</reportId>',
  ],
  CreateTags: [
    new CreateTagsCommand({
      Resources: [ImageId, 'snap-1'],
      Tags: [{ Key: 'amity:recycle', Value: 'true' }],
    }),
    yes,
  ],
  DeleteTags: [new DeleteTagsCommand({ Resources: [ImageId], Tags: [{ Key: 'amity:recycle' }] }), yes],
  DescribeImageAttribute: [
    new DescribeImageAttributeCommand({ ImageId, Attribute: 'launchPermission' }),
    '<imageId>ami-1</imageId><launchPermission><item><userId>111122223333</userId></item><item><group>all</group></item><item><organizationArn>arn:o</organizationArn></item><item><organizationalUnitArn>arn:u</organizationalUnitArn></item></launchPermission>',
  ],
  DescribeImageUsageReports: [
    new DescribeImageUsageReportsCommand({ ImageIds: [ImageId], ...page }),
    `<imageUsageReportSet><item><imageId>ami-1</imageId><reportId>amiur-1</reportId><state>available</state><creationTime>2025-06-05T12:00:00.000Z</creationTime></item></imageUsageReportSet>${next}`,
  ],
  DescribeImageUsageReportEntries: [
    new DescribeImageUsageReportEntriesCommand({ ReportIds: ['amiur-1'], ...page }),
    `<imageUsageReportEntrySet><item><imageId>ami-1</imageId><resourceType>ec2:Instance</resourceType><accountId>111122223333</accountId><usageCount>3</usageCount></item></imageUsageReportEntrySet>${next}`,
  ],
  DescribeLaunchTemplates: [
    new DescribeLaunchTemplatesCommand({ Filters, ...page }),
    `<launchTemplates><item><launchTemplateId>lt-1</launchTemplateId><latestVersionNumber>4</latestVersionNumber><tagSet><item><key>amity:follow</key><value>a</value></item></tagSet></item></launchTemplates>${next}`,
  ],
  DescribeLaunchTemplateVersions: [
    new DescribeLaunchTemplateVersionsCommand({
      LaunchTemplateId: 'lt-1',
      LaunchTemplateName: 'a',
      Versions: ['$Default', '$Latest'],
      MinVersion: '1',
      MaxVersion: '4',
      ResolveAlias: true,
      ...page,
    }),
    `<launchTemplateVersionSet><item><launchTemplateId>lt-1</launchTemplateId><launchTemplateName>a</launchTemplateName><versionNumber>4</versionNumber><createTime>2025-06-05T12:00:00.000Z</createTime><defaultVersion>true</defaultVersion><versionDescription>why</versionDescription><launchTemplateData><imageId>resolve:ssm:a:1</imageId><iamInstanceProfile><arn>arn:aws:iam::1:instance-profile/a</arn><name>a</name></iamInstanceProfile><networkInterfaceSet><item><deviceIndex>0</deviceIndex><associatePublicIpAddress>false</associatePublicIpAddress><groupSet><groupId>sg-1</groupId></groupSet><ipv6AddressCount>1</ipv6AddressCount></item></networkInterfaceSet><blockDeviceMappingSet><item><ebs><snapshotId>snap-1</snapshotId></ebs></item></blockDeviceMappingSet></launchTemplateData></item></launchTemplateVersionSet>${next}`,
  ],
  DescribeSnapshots: [
    new DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters, ...page }),
    `<snapshotSet><item><snapshotId>snap-1</snapshotId><status>completed</status><startTime>2025-06-05T12:00:00.000Z</startTime><volumeSize>8</volumeSize><fullSnapshotSizeInBytes>1234567890123</fullSnapshotSizeInBytes><description>for ami-1</description><tagSet><item><key>a</key><value>b</value></item></tagSet></item></snapshotSet>${next}`,
  ],
  DisableImage: [new DisableImageCommand({ ImageId }), yes],
  DisableImageDeprecation: [new DisableImageDeprecationCommand({ ImageId }), yes],
  EnableImage: [new EnableImageCommand({ ImageId }), yes],
  EnableImageDeprecation: [
    new EnableImageDeprecationCommand({ ImageId, DeprecateAt: new Date('2025-06-05T12:00:00.000Z') }),
    yes,
  ],
  ListImagesInRecycleBin: [
    new ListImagesInRecycleBinCommand({ ImageIds: [ImageId], ...page }),
    `<imageSet><item><imageId>ami-1</imageId><name>a</name></item></imageSet>${next}`,
  ],
  ModifyImageAttribute: [
    new ModifyImageAttributeCommand({
      ImageId,
      LaunchPermission: {
        Add: [
          { UserId: '111122223333' },
          { Group: 'all' },
          { OrganizationArn: 'arn:o' },
          { OrganizationalUnitArn: 'arn:u' },
        ],
      },
    }),
    '',
  ],
  RestoreImageFromRecycleBin: [new RestoreImageFromRecycleBinCommand({ ImageId }), yes],
  RestoreSnapshotFromRecycleBin: [
    new RestoreSnapshotFromRecycleBinCommand({ SnapshotId: 'snap-1' }),
    '<snapshotId>snap-1</snapshotId><status>completed</status>',
  ],
} as const;

const specification = (version: string) =>
  `<LaunchTemplateSpecification><LaunchTemplateId>lt-1</LaunchTemplateId><LaunchTemplateName>a</LaunchTemplateName><Version>${version}</Version></LaunchTemplateSpecification>`;

/** What it asks of Auto Scaling. */
export const AUTO_SCALING = {
  DescribeAutoScalingGroups: [
    new DescribeAutoScalingGroupsCommand({ MaxRecords: 100, NextToken: 't' }),
    `<AutoScalingGroups><member><AutoScalingGroupName>a</AutoScalingGroupName><Tags><member><Key>amity:refresh</Key><Value>true</Value></member></Tags><LaunchConfigurationName>c</LaunchConfigurationName><LaunchTemplate><LaunchTemplateId>lt-1</LaunchTemplateId><Version>$Latest</Version></LaunchTemplate><MixedInstancesPolicy><LaunchTemplate>${specification('1')}<Overrides><member><ImageId>ami-1</ImageId>${specification('2')}</member></Overrides></LaunchTemplate></MixedInstancesPolicy></member></AutoScalingGroups><NextToken>n</NextToken>`,
  ],
  DescribeLaunchConfigurations: [
    new DescribeLaunchConfigurationsCommand({ MaxRecords: 100, NextToken: 't' }),
    '<LaunchConfigurations><member><LaunchConfigurationName>c</LaunchConfigurationName><ImageId>ami-1</ImageId></member></LaunchConfigurations><NextToken>n</NextToken>',
  ],
} as const;
