import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DescribeInstanceTypesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  EC2Client,
  GetConsoleOutputCommand,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { BASE_IMAGE, PUBLIC_BASE } from './bakes.ts';
import { machineOf } from './clean-up.ts';
import type { RoleCalls } from './role-calls.ts';
import { type Clients, callIam, mayEnd } from './roles.ts';
import type { Session } from './session.ts';

const TAGS = [{ Key: 'amity:builder', Value: 'role-test' }];
/** An instance profile that no configuration lists. */
export const OTHER_PROFILE = 'role-test-admin';
let made = 0;

/** What baking is tried with: each on an instance or group of a bake, and on one that is of none. */
export async function bakeCalls(session: Session): Promise<RoleCalls> {
  await makeOtherProfile(session);
  const stateMachineArn = await machineOf(session, 'Bake');
  const executions = stateMachineArn.replace(':stateMachine:', ':execution:');
  const look = (executionArn: string) => (as: Clients) =>
    mayEnd('ExecutionDoesNotExist', as.sfn.send(new DescribeExecutionCommand({ executionArn })));
  return {
    ...instanceCalls(session),
    ...groupCalls(session),
    'ec2:DescribeInstanceTypes': ({ ec2 }) =>
      ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: ['t3.small'] })),
    'ec2:DescribeSubnets': ({ ec2 }) => ec2.send(new DescribeSubnetsCommand({})),
    'ec2:DescribeSecurityGroups': ({ ec2 }) => ec2.send(new DescribeSecurityGroupsCommand({})),
    // Whom it is allowed, it is refused for what it says.
    'states:StartExecution of the bake': ({ sfn }) =>
      mayEnd(
        'InvalidExecutionInput',
        sfn.send(new StartExecutionCommand({ stateMachineArn, input: 'no JSON' })),
      ),
    'states:DescribeExecution of a bake': look(`${executions}:none-1`),
    'states:DescribeExecution of a validation': look(`${executions}:ami-0-1-validate`),
    'ssm:GetParameter of a public base image': ({ ssm }) =>
      ssm.send(new GetParameterCommand({ Name: PUBLIC_BASE.replace('resolve:ssm:', '') })),
  };
}

async function makeOtherProfile(session: Session): Promise<void> {
  const names = { RoleName: OTHER_PROFILE, InstanceProfileName: OTHER_PROFILE };
  const [RoleName, InstanceProfileName] = [names.RoleName, names.InstanceProfileName];
  // Made before, it is there.
  const once = (call: Promise<void>) => call.catch(() => undefined);
  await once(callIam(session, 'CreateRole', { RoleName, AssumeRolePolicyDocument: '{}' }));
  await once(callIam(session, 'CreateInstanceProfile', { InstanceProfileName }));
  await once(callIam(session, 'AddRoleToInstanceProfile', names));
}

/** As `RunBuilder` starts one, but for what is given. */
const builder = (more: Partial<RunInstancesCommandInput> = {}): RunInstancesCommandInput => ({
  ImageId: BASE_IMAGE,
  InstanceType: 't3.small',
  MinCount: 1,
  MaxCount: 1,
  MetadataOptions: { HttpTokens: 'required' },
  TagSpecifications: (['instance', 'volume', 'network-interface'] as const).map((ResourceType) => ({
    ResourceType,
    Tags: TAGS,
  })),
  ...more,
});

function instanceCalls({ aws }: Session): RoleCalls {
  const run = (more: Partial<RunInstancesCommandInput>) => async (as: Clients) => {
    const { Instances = [] } = await as.ec2.send(new RunInstancesCommand(builder(more)));
    await aws.control.changeInstance(Instances[0]?.InstanceId ?? '', { state: 'terminated' });
  };
  const onBuilder = (call: (as: Clients, instanceId: string) => Promise<unknown>) => async (as: Clients) => {
    const tags = { 'amity:builder': 'role-test' };
    const { instanceId } = await aws.control.startInstance({ name: 'role-test', tags });
    await call(as, instanceId).finally(() => aws.control.changeInstance(instanceId, { state: 'terminated' }));
  };
  const onOther = (call: (as: Clients, instanceId: string) => Promise<unknown>) => async (as: Clients) =>
    call(as, (await aws.control.startInstance({ name: 'role-test' })).instanceId);
  const onInstance: RoleCalls = {};
  const calls: Record<string, (as: Clients, instanceId: string) => Promise<unknown>> = {
    StopInstances: ({ ec2 }, id) => ec2.send(new StopInstancesCommand({ InstanceIds: [id] })),
    TerminateInstances: ({ ec2 }, id) => ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] })),
    GetConsoleOutput: ({ ec2 }, InstanceId) => ec2.send(new GetConsoleOutputCommand({ InstanceId })),
    CreateTags: ({ ec2 }, id) => ec2.send(new CreateTagsCommand({ Resources: [id], Tags: TAGS })),
  };
  for (const [action, call] of Object.entries(calls)) {
    onInstance[`ec2:${action} of a builder`] = onBuilder(call);
    onInstance[`ec2:${action} of another instance`] = onOther(call);
  }
  return {
    ...onInstance,
    'ec2:RunInstances of a builder': run({}),
    'ec2:RunInstances of a builder that says nothing of IMDSv2': run({ MetadataOptions: {} }),
    'ec2:RunInstances of a builder whose volumes say nothing': run({
      TagSpecifications: [{ ResourceType: 'instance', Tags: TAGS }],
    }),
    'ec2:RunInstances of a builder under another role': run({ IamInstanceProfile: { Name: OTHER_PROFILE } }),
  };
}

function groupCalls({ aws }: Session): RoleCalls {
  const ec2 = new EC2Client(aws.clientConfig);
  const named = () => {
    made += 1;
    return { GroupName: `role-test-${made}`, Description: 'role test' };
  };
  const OF_A_BUILDER = { TagSpecifications: [{ ResourceType: 'security-group' as const, Tags: TAGS }] };
  const create = (more: object) => async (as: Clients) => {
    const { GroupId } = await as.ec2.send(new CreateSecurityGroupCommand({ ...named(), ...more }));
    await ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
  };
  const onGroup =
    (more: object, call: (as: Clients, GroupId: string) => Promise<unknown>) => async (as: Clients) => {
      const { GroupId = '' } = await ec2.send(new CreateSecurityGroupCommand({ ...named(), ...more }));
      await call(as, GroupId).finally(() =>
        mayEnd('InvalidGroup.NotFound', ec2.send(new DeleteSecurityGroupCommand({ GroupId }))),
      );
    };
  const remove = (as: Clients, GroupId: string) => as.ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
  const open = (as: Clients, GroupId: string) =>
    as.ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId,
        IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
      }),
    );
  return {
    'ec2:CreateSecurityGroup of a builder': create(OF_A_BUILDER),
    'ec2:CreateSecurityGroup': create({}),
    'ec2:DeleteSecurityGroup of a builder': onGroup(OF_A_BUILDER, remove),
    'ec2:DeleteSecurityGroup of another': onGroup({}, remove),
    'ec2:AuthorizeSecurityGroupIngress': onGroup(OF_A_BUILDER, open),
  };
}
