import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../handlers/move/run-instance.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { everyCut, once } from '../../support/calls.ts';
import { HOUR, MINUTE, passes, stopClock } from '../../support/clock.ts';
import { lambdaContext, NOW } from '../../support/events.ts';
import { MoveWorld, move, SOURCE, SUBNET } from '../../support/move-world.ts';
import { ami } from '../../support/rollout-world.ts';

stopClock();

let world: MoveWorld;
beforeEach(() => {
  world = new MoveWorld();
  world.requested();
});
const run = (overrides: object = {}) =>
  handler({ ...move(), startedAt: NOW.toISOString(), ...overrides }, lambdaContext());
const sent = () => world.inputs(RunInstancesCommand);
const begun = { instanceId: 'i-0b111de7000000001', imageId: ami(1), since: NOW.toISOString() };

describe('an instance like the source', () => {
  it('is started from its image, in the subnet, and since when is told', async () => {
    expect(await run()).toEqual(begun);
    expect(sent()).toMatchObject([{ ImageId: ami(1), SubnetId: SUBNET, MinCount: 1, MaxCount: 1 }]);
    expect(world.changes).toEqual(['RunInstances']);
  });

  it('has what the source has', async () => {
    await run();
    expect(sent()).toMatchObject([
      {
        InstanceType: 'm7i.large',
        KeyName: 'ops',
        SecurityGroupIds: ['sg-0000000a', 'sg-0000000b'],
        IamInstanceProfile: { Arn: 'arn:aws:iam::000000000000:instance-profile/app/web-profile' },
        UserData: 'IyEvYmluL3No',
        EbsOptimized: true,
        Monitoring: { Enabled: true },
        MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2 },
      },
    ]);
  });

  it('is one, however often it is asked for, by the same token each time', async () => {
    for (let times = 0; times < 3; times += 1) {
      expect(await run()).toEqual(begun);
      passes(MINUTE);
    }
    expect(world.ec2.instances).toHaveLength(2);
    expect(new Set(sent().map(({ ClientToken }) => ClientToken)).size).toBe(1);
    expect(sent()[0]?.ClientToken).toMatch(/^[\x21-\x7e]{1,64}$/);
  });

  it('is another one for another request', async () => {
    await run();
    world.table.items.set(
      'requests/request#000000000000#amity#move-two',
      structuredClone(world.table.item('requests', 'request#000000000000#amity#move-one') ?? {}),
    );
    await run({ imageRequestId: 'move-two' });
    expect(world.ec2.instances).toHaveLength(3);
  });

  it('is the one that there is, where the source has changed since the first call', async () => {
    world.calls.faults = once({ when: 'after', how: 'throws' }, { name: 'RunInstances' });
    await expect(run()).rejects.toThrow('socket hang up');
    world.source.Tags?.push({ Key: 'new', Value: 'tag' });
    expect(await run()).toEqual(begun);
    expect(world.ec2.instances).toHaveLength(2);
  });

  it('is started of a source that was stopped meanwhile', async () => {
    world.source.State = { Name: 'stopped' };
    expect(await run()).toEqual(begun);
  });
});

describe('until the image is there', () => {
  it.each(['creating', 'created'] as const)('%s: there is more to wait for', async (state) => {
    world.requested({ state, imageId: state === 'created' ? ami(1) : undefined });
    expect(await run()).toEqual({ pending: true });
    expect(sent()).toEqual([]);
  });

  it('a request that nobody has taken is waited for, for an hour', async () => {
    world.table.items.clear();
    passes(HOUR);
    expect(await run()).toEqual({ pending: true });
    passes(1);
    expect(await run()).toMatchObject({
      failed: { code: 'image-failed', message: expect.stringContaining('an hour') },
    });
  });

  it('an image that takes long is waited for longer', async () => {
    world.requested({ state: 'created' });
    passes(20 * HOUR);
    expect(await run()).toEqual({ pending: true });
  });
});

describe('a move that fails', () => {
  it('with its image, in its words', async () => {
    const failure = { code: 'deadline-exceeded', message: 'No image within a day.' } as const;
    world.requested({ state: 'failed', imageId: undefined, failure });
    expect(await run()).toEqual({
      failed: {
        code: 'image-failed',
        message: 'There is no image of the source: deadline-exceeded: No image within a day.',
      },
    });
  });

  it('with a request that was superseded', async () => {
    world.requested({ state: 'superseded', imageId: undefined });
    expect(await run()).toMatchObject({ failed: { code: 'image-failed' } });
  });

  it.each(['gone', 'terminated'] as const)('with a source that is %s', async (how) => {
    if (how === 'gone') world.ec2.instances.pop();
    else world.source.State = { Name: 'terminated' };
    expect(await run()).toMatchObject({
      failed: { code: 'source-unfit', message: expect.stringContaining(SOURCE) },
    });
  });

  it.each([
    ['InsufficientInstanceCapacity', 500, 'no-capacity'],
    ['InsufficientFreeAddressesInSubnet', 400, 'no-capacity'],
    ['Unsupported', 400, 'no-capacity'],
    ['UnauthorizedOperation', 403, 'access-denied'],
    ['InvalidParameterValue', 400, 'ec2-rejected'],
    ['VcpuLimitExceeded', 400, 'ec2-rejected'],
  ])('with %s', async (name, status, code) => {
    world.builders.refusals.set(SUBNET, ec2Error(name, 'because', status));
    expect(await run()).toEqual({ failed: { code, message: `${name}: because` } });
    expect(world.ec2.instances).toHaveLength(1);
  });
});

it.each(['RequestLimitExceeded', 'InternalError'])('%s passes: thrown, and asked again', async (name) => {
  world.calls.faults = once(
    { when: 'before', how: 'throws', error: ec2Error(name) },
    { name: 'RunInstances' },
  );
  await expect(run()).rejects.toThrow(name);
  expect(await run()).toEqual(begun);
});

const CALLS = ['Get', 'DescribeInstances', 'DescribeInstanceAttribute', 'DescribeVolumes', 'RunInstances'];
it.each(everyCut(CALLS))(
  '$how $when $name, then asked again: one instance',
  async ({ number, when, how }) => {
    world.calls.faults = once({ when, how }, { number });
    await Promise.race([run().catch(() => undefined), world.calls.died]);
    expect(await run()).toEqual(begun);
    expect(world.ec2.instances).toHaveLength(2);
    expect(world.source.State).toEqual({ Name: 'running' });
  },
);

it('these are all the calls that there are', async () => {
  await run();
  expect(world.calls.names).toEqual(CALLS);
});
