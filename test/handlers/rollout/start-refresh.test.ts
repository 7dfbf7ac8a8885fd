import {
  CancelInstanceRefreshCommand,
  ResourceContentionFault,
  StartInstanceRefreshCommand,
} from '@aws-sdk/client-auto-scaling';
import { beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../handlers/rollout/start-refresh.ts';
import { once } from '../../support/calls.ts';
import { stopClock } from '../../support/clock.ts';
import { lambdaContext } from '../../support/events.ts';
import { scalingError } from '../../support/fake-groups.ts';
import { RolloutWorld, TEMPLATE } from '../../support/rollout-world.ts';

stopClock();

let world: RolloutWorld;
const template = (Version: string, LaunchTemplateId = TEMPLATE) => ({
  LaunchTemplateId,
  LaunchTemplateName: 'web',
  Version,
});
/** A group at version 1 of a template that was rolled out to version 2. */
beforeEach(() => {
  world = new RolloutWorld();
  world.follower();
  world.groups.add({ LaunchTemplate: template('1') });
});
const again = (input: object) =>
  handler({ refresh: { ...input, autoScalingGroupName: 'web' } }, lambdaContext());
const input = (overrides: Parameters<RolloutWorld['knows']>[0] = {}) => {
  const { at, announced, ...told } = world.knows(overrides);
  return told;
};
const start = (overrides: Parameters<RolloutWorld['knows']>[0] = {}) => again(input(overrides));
const started = () => world.groups.inputs(StartInstanceRefreshCommand);
const tagged = (tags: Record<string, string>) =>
  world.groups.add({ LaunchTemplate: template('1'), tags: { 'amity:refresh': 'true', ...tags } });

describe('a refresh', () => {
  it('goes to the number of the version, by the id of the template, and back by itself', async () => {
    expect(await start()).toEqual({ outcome: 'started', refreshId: 'refresh-1' });
    expect(started()).toEqual([
      {
        AutoScalingGroupName: 'web',
        Strategy: 'Rolling',
        DesiredConfiguration: { LaunchTemplate: { LaunchTemplateId: TEMPLATE, Version: '2' } },
        Preferences: { AutoRollback: true, SkipMatching: true },
      },
    ]);
    expect(world.changes).toEqual(['StartInstanceRefresh']);
  });

  it.each([
    [{ 'amity:min-healthy-percentage': '90' }, { MinHealthyPercentage: 90 }],
    [{ 'amity:min-healthy-percentage': '0' }, { MinHealthyPercentage: 0 }],
    [{ 'amity:checkpoints': '20 50' }, { CheckpointPercentages: [20, 50, 100] }],
    [{ 'amity:checkpoints': '100' }, { CheckpointPercentages: [100] }],
  ])('goes about it as the tags say: %o', async (tags, preferences) => {
    tagged(tags);
    await start();
    expect(started()[0]?.Preferences).toEqual({ AutoRollback: true, SkipMatching: true, ...preferences });
  });

  it('of mixed instances desires the whole policy, with the version in place of the old one', async () => {
    const distribution = { OnDemandBaseCapacity: 1, SpotAllocationStrategy: 'price-capacity-optimized' };
    const requirements = { VCpuCount: { Min: 2 }, MemoryMiB: { Min: 4096 } };
    world.groups.add({
      MixedInstancesPolicy: {
        LaunchTemplate: {
          LaunchTemplateSpecification: template('1'),
          Overrides: [
            { InstanceType: 't3.small', WeightedCapacity: '1' },
            { InstanceRequirements: requirements, LaunchTemplateSpecification: template('7', 'lt-0000000a') },
            { InstanceType: 'm7i.large', LaunchTemplateSpecification: template('1') },
          ],
        },
        InstancesDistribution: distribution,
      },
    });
    expect(await start()).toMatchObject({ outcome: 'started' });
    const at = (Version: string, LaunchTemplateId = TEMPLATE) => ({ LaunchTemplateId, Version });
    expect(started()[0]?.DesiredConfiguration).toEqual({
      MixedInstancesPolicy: {
        LaunchTemplate: {
          LaunchTemplateSpecification: at('2'),
          Overrides: [
            { InstanceType: 't3.small', WeightedCapacity: '1' },
            { InstanceRequirements: requirements, LaunchTemplateSpecification: at('7', 'lt-0000000a') },
            { InstanceType: 'm7i.large', LaunchTemplateSpecification: at('2') },
          ],
        },
        InstancesDistribution: distribution,
      },
    });
  });
});

describe('a refresh that is not wanted any more', () => {
  const cases: [string, () => unknown][] = [
    ['the group is gone', () => world.groups.delete('web')],
    ['the group does not want it', () => tagged({ 'amity:refresh': 'false' })],
    [
      'the group has another template',
      () => world.groups.add({ LaunchTemplate: template('1', 'lt-0000000f') }),
    ],
    ['a newer version was rolled out', () => world.knows({ version: 3, previousVersion: 2 })],
    ['it was rolled back', () => world.knows({ kind: 'back', version: 1, previousVersion: 2 })],
    ['nothing is known of the template', () => world.table.items.clear()],
  ];
  it.each(cases)('%s: over, without a word', async (_, happens) => {
    const wanted = input();
    happens();
    expect(await again(wanted)).toEqual({ outcome: 'over' });
    expect(world.changes).toEqual([]);
  });
});

describe('tags that cannot be read', () => {
  it.each([
    { 'amity:min-healthy-percentage': '101' },
    { 'amity:min-healthy-percentage': 'most' },
    { 'amity:checkpoints': '50 20' },
    { 'amity:checkpoints': '0 50' },
  ])('%o: failed, and nothing is begun', async (tags) => {
    tagged(tags);
    expect(await start()).toMatchObject({ outcome: 'failed', code: 'invalid-tag' });
    expect(started()).toEqual([]);
  });
});

describe('while another refresh runs', () => {
  const goesTo = async (version: number) => {
    await start({ version });
    world.groups.mock.resetHistory();
  };
  const cancelled = () => world.groups.inputs(CancelInstanceRefreshCommand);

  it('to the same version, that is the one: an answer was lost', async () => {
    await goesTo(2);
    expect(await start()).toEqual({ outcome: 'started', refreshId: 'refresh-1' });
  });

  it('to the version before, it is waited for; the newest one wins', async () => {
    await goesTo(2);
    const wanted = input({ version: 3, previousVersion: 2 });
    expect(await again(wanted)).toEqual({ outcome: 'busy' });
    expect(cancelled()).toEqual([]);
    world.groups.end('web', 'Successful');
    expect(await again(wanted)).toEqual({ outcome: 'started', refreshId: 'refresh-2' });
    expect(world.groups.running('web')?.DesiredConfiguration?.LaunchTemplate?.Version).toBe('3');
  });

  it('to what is rolled back, it is cancelled, and waited for', async () => {
    await goesTo(2);
    const wanted = input({ kind: 'back', version: 1, previousVersion: 2 });
    expect(await again(wanted)).toEqual({ outcome: 'busy' });
    expect(cancelled()).toEqual([{ AutoScalingGroupName: 'web' }]);
    expect(await again(wanted)).toEqual({ outcome: 'busy' });
    world.groups.end('web', 'Cancelled');
    expect(await again(wanted)).toMatchObject({ outcome: 'started' });
  });

  it('of another template of the group, which goes back too, it is waited for, and keeps what it did', async () => {
    const other = 'lt-0000000a';
    const policy = (first: string, second: string) => ({
      LaunchTemplate: {
        LaunchTemplateSpecification: template(first),
        Overrides: [{ InstanceType: 't3.small', LaunchTemplateSpecification: template(second, other) }],
      },
    });
    world.groups.add({ MixedInstancesPolicy: policy('2', '2') });
    const first = input({ kind: 'back', version: 1, previousVersion: 2 });
    await again(first);
    const second = input({ kind: 'back', version: 1, previousVersion: 2, launchTemplateId: other });
    expect(await again(second)).toEqual({ outcome: 'busy' });
    expect(cancelled()).toEqual([]);
    world.groups.end('web', 'Successful');
    expect(await again(second)).toMatchObject({ outcome: 'started' });
    expect(started().at(-1)?.DesiredConfiguration?.MixedInstancesPolicy).toMatchObject({
      LaunchTemplate: {
        LaunchTemplateSpecification: { Version: '1' },
        Overrides: [{ LaunchTemplateSpecification: { LaunchTemplateId: other, Version: '1' } }],
      },
    });
  });

  it('to another version, a rollback leaves it', async () => {
    await goesTo(5);
    expect(await start({ kind: 'back', version: 1, previousVersion: 2 })).toEqual({ outcome: 'busy' });
    expect(cancelled()).toEqual([]);
  });

  it('to the same version, but it is being cancelled: waited for', async () => {
    await goesTo(2);
    Object.assign(world.groups.running('web') ?? {}, { Status: 'Cancelling' });
    expect(await start()).toEqual({ outcome: 'busy' });
  });

  it('of somebody else, who desires nothing: waited for', async () => {
    await goesTo(2);
    Object.assign(world.groups.running('web') ?? {}, { DesiredConfiguration: undefined });
    expect(await start()).toEqual({ outcome: 'busy' });
    expect(await start({ kind: 'back', version: 1, previousVersion: 2 })).toEqual({ outcome: 'busy' });
    expect(cancelled()).toEqual([]);
  });

  it('that ends before it is cancelled is as good', async () => {
    await goesTo(2);
    world.calls.before('CancelInstanceRefresh', () => world.groups.end('web', 'Successful'));
    const wanted = input({ kind: 'back', version: 1, previousVersion: 2 });
    expect(await again(wanted)).toEqual({ outcome: 'busy' });
    expect(await again(wanted)).toMatchObject({ outcome: 'started' });
  });
});

describe('what Auto Scaling says', () => {
  const says = (error: Error) => {
    world.calls.faults = once({ when: 'before', how: 'throws', error }, { name: 'StartInstanceRefresh' });
  };

  it.each([
    [scalingError('The desired configuration is invalid'), 'refresh-refused'],
    [scalingError('no', 'AccessDenied', 403), 'access-denied'],
    [scalingError('You are not authorized to perform: iam:PassRole', 'AccessDenied', 403), 'pass-role'],
  ])('%s: %s, in its own words', async (error, code) => {
    says(error);
    expect(await start()).toEqual({ outcome: 'failed', code, message: `${error.name}: ${error.message}` });
  });

  it.each([
    new ResourceContentionFault({ message: 'busy', $metadata: { httpStatusCode: 400 } }),
    scalingError('Rate exceeded', 'Throttling'),
    scalingError('oops', 'InternalFailure', 500),
  ])('%s passes: thrown, and tried again', async (error) => {
    says(error);
    const wanted = input();
    await expect(again(wanted)).rejects.toThrow(error.message);
    expect(await again(wanted)).toMatchObject({ outcome: 'started' });
  });

  it('nothing, for the connection broke: the refresh that it began is found', async () => {
    world.calls.faults = once({ when: 'after', how: 'throws' }, { name: 'StartInstanceRefresh' });
    const wanted = input();
    await expect(again(wanted)).rejects.toThrow('socket hang up');
    expect(await again(wanted)).toEqual({ outcome: 'started', refreshId: 'refresh-1' });
  });
});
