import {
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  EC2Client,
  RunInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import type { InstanceState } from '../../../local/control-types.ts';
import { session, subnets } from '../support/bake-session.ts';
import {
  BASE_IMAGE,
  bakeOf,
  buildersOf,
  endsOf,
  leftOf,
  letGo,
  NOTHING,
  requestBake,
  startOf,
  startsOf,
  untilAws,
  untilBegun,
  untilBuilder,
  untilEnd,
  untilGone,
  WAITS,
} from '../support/bakes.ts';
import { callCleanUp, machineOf } from '../support/clean-up.ts';
import { announced, imagesOf, untilSeen } from '../support/flow.ts';

/** A bake whose builder waits to be told to go on. */
async function waitingBake(name: string, more: object = {}) {
  await requestBake(session, name, { userData: WAITS, ...more });
  const { instanceId } = await untilBuilder(session, name);
  return { instanceId, ...(await untilBegun(session, instanceId)) };
}

const stopExecution = async (name: string) => {
  const machine = await machineOf(session, 'Bake');
  const executionArn = `${machine.replace(':stateMachine:', ':execution:')}:${name}`;
  await new SFNClient(session.aws.clientConfig).send(new StopExecutionCommand({ executionArn }));
};

describe.concurrent('a builder that somebody', () => {
  const GONE = { code: 'builder-gone', stage: 'provision', attempt: 1 };

  it.each([
    ['terminates', TerminateInstancesCommand],
    ['stops', StopInstancesCommand],
  ])('%s while its script runs ends its bake at once', async (does, Command) => {
    const name = `${does}-running`;
    const { instanceId } = await waitingBake(name);
    const ec2 = new EC2Client(session.aws.clientConfig);
    await ec2.send(new Command({ InstanceIds: [instanceId] }));
    expect(await untilEnd(session, name, 40)).toMatchObject({
      ...GONE,
      message: expect.stringContaining(instanceId),
      output: expect.stringContaining('the script has begun'),
    });
    await untilGone(session, bakeOf(session, name));
    expect(endsOf(session, name)).toHaveLength(1);
  });

  it.each<[string, InstanceState]>([
    ['terminates', 'terminated'],
    ['stops', 'stopped'],
  ])('%s before its token is kept ends its bake, too', async (does, state) => {
    const name = `${does}-early`;
    const strike = { action: 'RunInstances', match: startOf(name), times: 2 } as const;
    // EC2 has started it, and the function learns of it long after.
    await session.aws.control.addFault({ ...strike, kind: 'carried-out-answer-lost' });
    await session.aws.control.addFault({ ...strike, kind: 'delay', seconds: 10, after: 1 });
    await requestBake(session, name, { userData: WAITS, timeoutMinutes: 1 });
    const { instanceId } = await untilBuilder(session, name);
    await session.aws.control.changeInstance(instanceId, { state });
    await untilAws("EC2's event", async () => {
      const calls = await session.aws.control.calls({ service: 'dynamodb', action: 'GetItem' });
      return calls.find(({ params }) => JSON.stringify(params).includes(instanceId));
    });
    expect(await untilEnd(session, name)).toMatchObject(GONE);
    await untilGone(session, bakeOf(session, name));
  });

  it('terminates after its signal leaves no image', async () => {
    const { instanceId, root } = await waitingBake('terminates-late');
    const stop = { action: 'StopInstances', match: { 'InstanceId.1': instanceId }, times: 1 } as const;
    await session.aws.control.addFault({ ...stop, kind: 'delay', seconds: 3 });
    await letGo(root);
    await untilAws('the call', async () => {
      const calls = await session.aws.control.calls({ service: 'ec2', action: 'StopInstances' });
      return calls.find(({ params }) => params['InstanceId.1'] === instanceId);
    });
    await session.aws.control.changeInstance(instanceId, { state: 'terminated' });
    expect(await untilEnd(session, 'terminates-late')).toMatchObject({ code: 'builder-gone', stage: 'stop' });
    expect(await imagesOf(session, 'terminates-late')).toEqual([]);
    await untilGone(session, bakeOf(session, 'terminates-late'));
  });
});

describe.concurrent('no capacity', () => {
  const full = (name: string, SubnetId = '') =>
    session.aws.control.addFault({
      action: 'RunInstances',
      kind: 'error',
      code: 'InsufficientInstanceCapacity',
      // As EC2 has it; the SDK tries again before it gives up.
      status: 500,
      match: { SubnetId, ...startOf(name) },
    });

  it('in the first subnet: the builder is started in the second', async () => {
    await full('second', subnets[0]);
    await requestBake(session, 'second', { userData: NOTHING });
    expect(await untilEnd(session, 'second')).toHaveProperty('snapshotIds');
    expect(await startsOf(session, 'second')).toMatchObject([{ params: { SubnetId: subnets[1] } }]);
    await untilGone(session, bakeOf(session, 'second'));
  }, 180_000);

  it('in any subnet: the bake fails, and says what EC2 said of each', async () => {
    await Promise.all(subnets.map((subnet) => full('nowhere', subnet)));
    await requestBake(session, 'nowhere', { userData: NOTHING });
    const failed = await untilSeen(session, 'AmiFailed', 'nowhere', 150);
    expect(failed).toMatchObject({ code: 'no-capacity', stage: 'provision' });
    for (const subnet of subnets) expect(failed.message).toContain(`${subnet}: InsufficientInstanceCapacity`);
    expect(await leftOf(session, bakeOf(session, 'nowhere'))).toEqual([]);
  }, 180_000);
});

describe.concurrent('a workflow that somebody stops', () => {
  it('leaves no builder, and is told', async () => {
    const { instanceId } = await waitingBake('aborted');
    await stopExecution(bakeOf(session, 'aborted'));
    expect(await untilEnd(session, 'aborted', 40)).toMatchObject({
      code: 'bake-error',
      message: expect.stringContaining('ABORTED'),
    });
    await untilGone(session, bakeOf(session, 'aborted'));
    expect(await buildersOf(session, 'aborted')).toMatchObject([{ instanceId, state: 'terminated' }]);
    expect(endsOf(session, 'aborted')).toHaveLength(1);
  });

  it('while it validates leaves neither a builder nor an image', async () => {
    await requestBake(session, 'unvalidated', { userData: NOTHING, validate: WAITS });
    const { imageId } = await untilSeen(session, 'AmiCreated', 'unvalidated', 100);
    const { instanceId } = await untilBuilder(session, 'unvalidated', 1);
    await untilBegun(session, instanceId);
    await stopExecution(`${imageId}-1-validate`);
    expect(await untilEnd(session, 'unvalidated')).toMatchObject({
      code: 'bake-error',
      stage: 'validate',
      imageId,
    });
    expect(await imagesOf(session, 'unvalidated')).toEqual([]);
    expect(announced(session, 'AmiAvailable', 'unvalidated')).toEqual([]);
    await untilGone(session, bakeOf(session, 'unvalidated'), `${imageId}-1-validate`);
  });
});

describe.concurrent('the daily run', () => {
  it('takes away the builders that are past their deadline, and their groups, and nothing else', async () => {
    const ec2 = new EC2Client(session.aws.clientConfig);
    const leftBehind = async (bake: string, hours: number) => {
      const deadline = new Date(Date.now() + hours * 3_600_000).toISOString();
      const Tags = [
        { Key: 'amity:builder', Value: bake },
        { Key: 'amity:deadline', Value: deadline },
      ];
      const { GroupId = '' } = await ec2.send(
        new CreateSecurityGroupCommand({
          GroupName: bake,
          Description: bake,
          TagSpecifications: [{ ResourceType: 'security-group', Tags }],
        }),
      );
      const kinds = ['instance', 'volume'] as const;
      const { Instances = [] } = await ec2.send(
        new RunInstancesCommand({
          ImageId: BASE_IMAGE,
          InstanceType: 't3.small',
          MinCount: 1,
          MaxCount: 1,
          SecurityGroupIds: [GroupId],
          TagSpecifications: kinds.map((ResourceType) => ({ ResourceType, Tags })),
        }),
      );
      return { GroupId, InstanceId: Instances[0]?.InstanceId ?? '' };
    };
    await leftBehind('sweep-late', -1);
    const inTime = await leftBehind('sweep-in-time', 1);
    const other = await session.aws.control.startInstance({ name: 'sweep-other' });

    expect((await callCleanUp(session)).failed).toBeUndefined();
    // While the builder still goes, its group is in use: then it is the next run's.
    await untilAws('the builder is gone', async () => (await leftOf(session, 'sweep-late')).length < 2);
    expect((await callCleanUp(session)).failed).toBeUndefined();
    await untilGone(session, 'sweep-late');

    const states = new Map(
      (await session.aws.control.instances()).map((each) => [each.instanceId, each.state]),
    );
    expect([states.get(inTime.InstanceId), states.get(other.instanceId)]).toEqual(['running', 'running']);
    expect(await leftOf(session, 'sweep-in-time')).toContain(inTime.GroupId);
    await session.aws.control.changeInstance(inTime.InstanceId, { state: 'terminated' });
    await ec2.send(new DeleteSecurityGroupCommand({ GroupId: inTime.GroupId }));
  });
});
