import {
  CreateTagsCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstanceStatusCommand,
  DescribeVolumesCommand,
  RebootInstancesCommand,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { CreateScheduleCommand, DeleteScheduleCommand } from '@aws-sdk/client-scheduler';
import { BASE_IMAGE } from './bakes.ts';
import type { RoleCalls } from './role-calls.ts';
import { OTHER_PROFILE } from './role-calls-bake.ts';
import { LISTED_PROFILE } from './role-calls-rollout.ts';
import { type Clients, mayEnd, resourcesOf } from './roles.ts';
import type { Session } from './session.ts';

/** What moves and consistent backups are tried with. */
export const moveCalls = async (session: Session): Promise<RoleCalls> => ({
  ...likenessCalls(session),
  ...sourceCalls(session),
  ...(await scheduleCalls(session)),
});

const MADE = ['instance', 'volume', 'network-interface'] as const;
const saysWhence = (kinds: readonly (typeof MADE)[number][]) =>
  kinds.map((ResourceType) => ({
    ResourceType,
    Tags: [{ Key: 'amity:moved-from', Value: 'i-0123456789abcdef0' }],
  }));

function likenessCalls({ aws }: Session): RoleCalls {
  const run = (more: Partial<RunInstancesCommandInput>) => async (as: Clients) => {
    const { Instances = [] } = await as.ec2.send(
      new RunInstancesCommand({
        ImageId: BASE_IMAGE,
        InstanceType: 't3.micro',
        MinCount: 1,
        MaxCount: 1,
        TagSpecifications: saysWhence(MADE),
        ...more,
      }),
    );
    await aws.control.changeInstance(Instances[0]?.InstanceId ?? '', { state: 'terminated' });
  };
  return {
    'ec2:RunInstances of a likeness': run({}),
    'ec2:RunInstances of a likeness whose volumes say nothing': run({
      TagSpecifications: saysWhence(['instance', 'network-interface']),
    }),
    'ec2:RunInstances of a likeness under a listed role': run({
      IamInstanceProfile: { Name: LISTED_PROFILE },
    }),
    'ec2:RunInstances of a likeness under another role': run({ IamInstanceProfile: { Name: OTHER_PROFILE } }),
  };
}

function sourceCalls({ aws }: Session): RoleCalls {
  const on =
    (tags: Record<string, string>, call: (as: Clients, id: string) => Promise<unknown>) =>
    async (as: Clients) => {
      const { instanceId } = await aws.control.startInstance({ name: 'role-test', tags });
      await call(as, instanceId).finally(() =>
        aws.control.changeInstance(instanceId, { state: 'terminated' }),
      );
    };
  const moved = (call: (as: Clients, id: string) => Promise<unknown>) =>
    on({ 'amity:moved-to': 'i-0123456789abcdef0' }, call);
  const tag = (...keys: string[]) =>
    on({}, ({ ec2 }, id) => {
      const Tags = keys.map((Key) => ({ Key, Value: 'role-test' }));
      return ec2.send(new CreateTagsCommand({ Resources: [id], Tags }));
    });
  return {
    'ec2:StopInstances of a moved source': moved(({ ec2 }, id) =>
      ec2.send(new StopInstancesCommand({ InstanceIds: [id] })),
    ),
    'ec2:StartInstances of a moved source': moved(({ ec2 }, id) =>
      ec2.send(new StartInstancesCommand({ InstanceIds: [id] })),
    ),
    'ec2:RebootInstances of a moved source': moved(({ ec2 }, id) =>
      ec2.send(new RebootInstancesCommand({ InstanceIds: [id] })),
    ),
    'ec2:TerminateInstances of a moved source': moved(({ ec2 }, id) =>
      ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] })),
    ),
    'ec2:CreateTags amity:moved-to': tag('amity:moved-to'),
    'ec2:CreateTags amity:moved-to and Name': tag('amity:moved-to', 'Name'),
    'ec2:CreateTags amity:moved-from': tag('amity:moved-from'),
    'ec2:DescribeInstanceAttribute': on({}, ({ ec2 }, InstanceId) =>
      ec2.send(new DescribeInstanceAttributeCommand({ InstanceId, Attribute: 'userData' })),
    ),
    'ec2:DescribeInstanceStatus': ({ ec2 }) => ec2.send(new DescribeInstanceStatusCommand({})),
    'ec2:DescribeVolumes': ({ ec2 }) => ec2.send(new DescribeVolumesCommand({})),
  };
}

async function scheduleCalls(session: Session): Promise<RoleCalls> {
  const { aws, outputs } = session;
  const { RebootWindowGroup: group = 'none' } = await resourcesOf(session, 'AWS::Scheduler::ScheduleGroup');
  const { RebootWindow: role = 'none', Schedule: other = 'none' } = await resourcesOf(
    session,
    'AWS::IAM::Role',
  );
  let made = 0;
  const create = (GroupName: string, roleName: string) => (as: Clients) => {
    made += 1;
    return as.scheduler.send(
      new CreateScheduleCommand({
        Name: `role-test-${made}`,
        GroupName,
        ScheduleExpression: 'at(2099-01-01T02:00:00)',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: {
          Arn: outputs.BusArn,
          RoleArn: `arn:aws:iam::${aws.account}:role/${roleName}`,
          EventBridgeParameters: { Source: 'amity', DetailType: 'AmiRequested' },
          Input: '{}',
        },
      }),
    );
  };
  return {
    'scheduler:CreateSchedule in the window': create(group, role),
    'scheduler:CreateSchedule elsewhere': create('default', role),
    'scheduler:CreateSchedule under another role': create(group, other),
    'scheduler:DeleteSchedule': ({ scheduler }) =>
      mayEnd(
        'ResourceNotFoundException',
        scheduler.send(new DeleteScheduleCommand({ Name: 'none', GroupName: group })),
      ),
  };
}
