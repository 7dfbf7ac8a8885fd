import {
  CancelInstanceRefreshCommand,
  CreateAutoScalingGroupCommand,
  DescribeInstanceRefreshesCommand,
  StartInstanceRefreshCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  CreateTagsCommand,
  DeleteLaunchTemplateCommand,
  DescribeLaunchTemplateVersionsCommand,
  EC2Client,
  ModifyLaunchTemplateCommand,
  type RequestLaunchTemplateData,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { GetInstanceProfileCommand } from '@aws-sdk/client-iam';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParametersCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { machineOf } from './clean-up.ts';
import { addProfile } from './instance-profiles.ts';
import type { RoleCalls } from './role-calls.ts';
import { OTHER_PROFILE } from './role-calls-bake.ts';
import { type Clients, mayEnd } from './roles.ts';
import { addGroup } from './rollouts.ts';
import type { Session } from './session.ts';

/** An instance profile, and the role in it, that the configuration lists: `rollout.instanceRoles`. */
export const LISTED_PROFILE = 'role-test-listed';

const GOLDEN = '/role-test/golden';
const POINTER = '/amity/images/role-test/latest';
/** Of groups: one that wants to be refreshed, and one that does not. */
const GROUPS = { 'a refreshed group': 'role-test-refreshed', 'another group': 'role-test-other' };

/** What rollouts and rollbacks are tried with: each on what has the tag for it, and on what has not. */
export async function rolloutCalls(session: Session): Promise<RoleCalls> {
  await addProfile(session, LISTED_PROFILE);
  const templates = await addTemplates(session);
  for (const [name, refresh] of [
    [GROUPS['a refreshed group'], 'true'],
    [GROUPS['another group'], 'false'],
  ] as const)
    await addGroup(
      session,
      name,
      { LaunchTemplate: { LaunchTemplateId: templates.follower, Version: '1' } },
      {
        tags: { 'amity:refresh': refresh },
        size: 0,
      },
    );
  return {
    ...templateCalls(session, templates),
    ...groupCalls(templates),
    ...imageCalls(session),
    ...pointerCalls(templates.image),
    ...(await workflowCalls(session)),
    'iam:GetInstanceProfile': ({ iam }) =>
      iam.send(new GetInstanceProfileCommand({ InstanceProfileName: LISTED_PROFILE })),
  };
}

type Templates = Awaited<ReturnType<typeof addTemplates>>;

async function addTemplates({ aws }: Session) {
  const { imageId: image } = await aws.control.addImage({ name: 'role-test-of-templates', ageDays: 1 });
  const ssm = new SSMClient(aws.clientConfig);
  await ssm.send(new PutParameterCommand({ Name: GOLDEN, Type: 'String', Value: image }));
  const ec2 = new EC2Client(aws.clientConfig);
  const add = async (name: string, data: RequestLaunchTemplateData = {}, follows = true) => {
    const Tags = [{ Key: follows ? 'amity:follow' : 'Name', Value: 'role-test' }];
    const { LaunchTemplate } = await ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: `role-test-${name}`,
        LaunchTemplateData: { InstanceType: 't3.micro', ImageId: image, ...data },
        TagSpecifications: [{ ResourceType: 'launch-template', Tags }],
      }),
    );
    return LaunchTemplate?.LaunchTemplateId ?? '';
  };
  return {
    image,
    follower: await add('follower'),
    other: await add('other', {}, false),
    alias: await add('alias', { ImageId: `resolve:ssm:${GOLDEN}` }),
    listed: await add('listed', { IamInstanceProfile: { Name: LISTED_PROFILE } }),
    unlisted: await add('unlisted', { IamInstanceProfile: { Name: OTHER_PROFILE } }),
  };
}

function templateCalls({ aws }: Session, templates: Templates): RoleCalls {
  const calls: RoleCalls = {};
  const onBoth = (action: string, call: (as: Clients, LaunchTemplateId: string) => Promise<unknown>) => {
    calls[`ec2:${action} of a follower`] = (as) => call(as, templates.follower);
    calls[`ec2:${action} of another template`] = (as) => call(as, templates.other);
  };
  onBoth('CreateLaunchTemplateVersion', ({ ec2 }, LaunchTemplateId) =>
    ec2.send(
      new CreateLaunchTemplateVersionCommand({
        LaunchTemplateId,
        SourceVersion: '1',
        LaunchTemplateData: { ImageId: templates.image },
      }),
    ),
  );
  onBoth('ModifyLaunchTemplate', ({ ec2 }, LaunchTemplateId) =>
    ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateId, DefaultVersion: '1' })),
  );
  onBoth('DeleteLaunchTemplate', ({ ec2 }, LaunchTemplateId) =>
    ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId })),
  );
  onBoth('CreateTags amity:follow', ({ ec2 }, id) =>
    ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'amity:follow', Value: 'mine' }] })),
  );
  const run = (LaunchTemplateId: string) => async (as: Clients) => {
    const launch = { LaunchTemplate: { LaunchTemplateId, Version: '1' }, MinCount: 1, MaxCount: 1 };
    const { Instances = [] } = await as.ec2.send(new RunInstancesCommand(launch));
    await aws.control.changeInstance(Instances[0]?.InstanceId ?? '', { state: 'terminated' });
  };
  return {
    ...calls,
    'ec2:CreateLaunchTemplate': ({ ec2 }) =>
      ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: 'mine', LaunchTemplateData: {} })),
    'ec2:DescribeLaunchTemplateVersions of a parameter': ({ ec2 }) =>
      ec2.send(
        new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: templates.alias, ResolveAlias: true }),
      ),
    'ec2:RunInstances of a template': run(templates.follower),
    'ec2:RunInstances of a template, under a listed role': run(templates.listed),
    'ec2:RunInstances of a template, under another role': run(templates.unlisted),
  };
}

function groupCalls({ follower, listed, unlisted }: Templates): RoleCalls {
  const version = (LaunchTemplateId: string) => ({ LaunchTemplateId, Version: '1' });
  const update = (AutoScalingGroupName: string, id: string) => (as: Clients) =>
    as.autoScaling.send(
      new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, LaunchTemplate: version(id) }),
    );
  const start = (AutoScalingGroupName: string, id: string) => (as: Clients) =>
    mayEnd(
      'InstanceRefreshInProgressFault',
      as.autoScaling.send(
        new StartInstanceRefreshCommand({
          AutoScalingGroupName,
          DesiredConfiguration: { LaunchTemplate: version(id) },
        }),
      ),
    );
  const calls: RoleCalls = {
    'autoscaling:DescribeInstanceRefreshes': ({ autoScaling }) =>
      autoScaling.send(new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: 'role-test-other' })),
    'autoscaling:CreateAutoScalingGroup': ({ autoScaling }) =>
      autoScaling.send(
        new CreateAutoScalingGroupCommand({
          AutoScalingGroupName: 'mine',
          MinSize: 0,
          MaxSize: 1,
          AvailabilityZones: ['us-east-1a'],
          LaunchTemplate: version(follower),
        }),
      ),
  };
  for (const [which, name] of Object.entries(GROUPS)) {
    calls[`autoscaling:UpdateAutoScalingGroup of ${which}`] = update(name, follower);
    calls[`autoscaling:StartInstanceRefresh of ${which}`] = start(name, follower);
    calls[`autoscaling:CancelInstanceRefresh of ${which}`] = ({ autoScaling }) =>
      mayEnd(
        'ActiveInstanceRefreshNotFoundFault',
        autoScaling.send(new CancelInstanceRefreshCommand({ AutoScalingGroupName: name })),
      );
  }
  const refreshed = GROUPS['a refreshed group'];
  return {
    ...calls,
    'autoscaling:UpdateAutoScalingGroup to a listed role': update(refreshed, listed),
    'autoscaling:UpdateAutoScalingGroup to another role': update(refreshed, unlisted),
    'autoscaling:StartInstanceRefresh to a listed role': start(refreshed, listed),
    'autoscaling:StartInstanceRefresh to another role': start(refreshed, unlisted),
  };
}

function imageCalls({ aws }: Session): RoleCalls {
  let made = 0;
  const tag =
    (...keys: string[]) =>
    async (as: Clients) => {
      made += 1;
      const { imageId } = await aws.control.addImage({ name: `rejected-${made}`, ageDays: 1 });
      const Tags = keys.map((Key) => ({ Key, Value: 'role-test' }));
      await as.ec2.send(new CreateTagsCommand({ Resources: [imageId], Tags }));
    };
  return {
    'ec2:CreateTags amity:rejected': tag('amity:rejected'),
    'ec2:CreateTags amity:rejected and Name': tag('amity:rejected', 'Name'),
  };
}

function pointerCalls(image: string): RoleCalls {
  const put = (Name: string) => (as: Clients) =>
    as.ssm.send(
      new PutParameterCommand({
        Name,
        Value: image,
        Type: 'String',
        DataType: 'aws:ec2:image',
        Overwrite: true,
      }),
    );
  return {
    'ssm:PutParameter of a pointer': put(POINTER),
    'ssm:PutParameter beside the pointers': put('/amity/images-role-test'),
    'ssm:GetParameter of a pointer': ({ ssm }) =>
      mayEnd('ParameterNotFound', ssm.send(new GetParameterCommand({ Name: POINTER }))),
    'ssm:DeleteParameter of a pointer': ({ ssm }) => ssm.send(new DeleteParameterCommand({ Name: POINTER })),
    'ssm:GetParameters of a golden image': ({ ssm }) =>
      ssm.send(new GetParametersCommand({ Names: [GOLDEN] })),
  };
}

/** Whom it is allowed, it is refused for what it says. */
async function workflowCalls(session: Session): Promise<RoleCalls> {
  const calls: RoleCalls = {};
  for (const [what, place] of Object.entries({ 'a refresh': 'Rollout', 'a move': 'Move' })) {
    const stateMachineArn = await machineOf(session, place);
    calls[`states:StartExecution of ${what}`] = ({ sfn }) =>
      mayEnd(
        'InvalidExecutionInput',
        sfn.send(new StartExecutionCommand({ stateMachineArn, input: 'no JSON' })),
      );
  }
  return calls;
}
