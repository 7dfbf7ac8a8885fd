import { DescribeImageReferencesCommand } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it } from 'vitest';
import { fullPlan } from '../../../shared/aws/retention/full-plan.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { once } from '../../support/calls.ts';
import { CleanUpWorld, old } from '../../support/clean-up-world.ts';
import { stopClock } from '../../support/clock.ts';
import { retention } from '../../support/handler-environment.ts';
import { scope } from '../../support/scope.ts';

stopClock();
let world: CleanUpWorld;
beforeEach(() => {
  world = new CleanUpWorld();
  world.has(1, 2);
});
const ages = (count: number) => Array.from({ length: count }, (_, index) => 20 + index);
const actions = async (overrides = {}) => {
  const { entries } = await fullPlan(scope(overrides));
  return entries.map(({ action, imageId }) => [action, imageId]);
};

it('says of every image what would happen, and why', async () => {
  world.has(20, 30);
  world.home.uses.references.set(old(30), ['arn:aws:ec2:r:a:instance/i-1']);
  expect(await fullPlan(scope())).toMatchObject({
    region: 'us-east-1',
    unread: [],
    entries: [
      { imageId: old(30), action: 'keep', wanted: 'delete', against: ['in use: instance/i-1'] },
      { imageId: old(20), action: 'delete', for: ['older than 14 days'], against: [] },
      { imageId: old(2), action: 'keep', against: ['young'] },
      { imageId: old(1), action: 'keep', against: ['young'] },
    ],
  });
});

it('changes nothing: no tag, no report, no line in the journal', async () => {
  world.has(20, 30);
  world.home.permissions.set(old(20), [{ UserId: '111122223333' }]);
  const before = structuredClone(world.home.images);
  expect(await actions()).toContainEqual(['keep', old(20)]);
  expect(world.home.images).toEqual(before);
  expect(world.calls.names.filter((name) => !/^(Describe|List)/.test(name))).toEqual([]);
});

it('asks of all candidates, ten a call, and of no other', async () => {
  world.has(...ages(25));
  await fullPlan(scope());
  const asked = world.inputs(DescribeImageReferencesCommand).map(({ ImageIds }) => ImageIds);
  expect(asked.map((ids) => ids?.length)).toEqual([10, 10, 5]);
  expect(asked.flat().toSorted()).toEqual(ages(25).map(old));
});

it('caps what is left after images in use are taken out', async () => {
  world.has(...ages(6));
  for (const age of [25, 24]) world.home.uses.references.set(old(age), ['arn:aws:ec2:r:a:x/1']);
  const plan = await actions({ retention: { ...retention, maxDeletionsPerRun: 2 } });
  expect(plan.filter(([action]) => action === 'delete')).toEqual([
    ['delete', old(23)],
    ['delete', old(22)],
  ]);
});

it('stops above the share', async () => {
  world.has(...ages(25));
  const plan = await fullPlan(scope({ retention: { ...retention, stopAboveShare: 0.5 } }));
  expect(plan.stopped).toContain('25 of 27 images');
  expect(plan.entries.every(({ action }) => action === 'keep')).toBe(true);
});

it('takes out an image that vanishes while it asks', async () => {
  world.has(20, 30);
  world.calls.before('DescribeImageReferences', () => {
    world.home.deregister({ ImageId: old(30), DeleteAssociatedSnapshots: true });
  });
  expect(await actions()).toContainEqual(['delete', old(20)]);
});

describe('what cannot be read', () => {
  it('references: asks no more, and nothing would be touched', async () => {
    world.has(...ages(25));
    const error = ec2Error('UnauthorizedOperation', 'not you');
    world.calls.faults = once({ when: 'before', how: 'throws', error }, { name: 'DescribeImageReferences' });
    const { entries, unread } = await fullPlan(scope());
    expect(unread).toEqual(['image references: UnauthorizedOperation: not you']);
    expect(entries.every(({ action }) => action === 'keep')).toBe(true);
    expect(world.calls.count('DescribeImageReferences')).toBe(1);
  });

  it('snapshots: says so, and goes on', async () => {
    world.has(20);
    const error = ec2Error('UnauthorizedOperation', 'not you');
    world.calls.faults = once({ when: 'before', how: 'throws', error }, { name: 'DescribeSnapshots' });
    const { entries, unread } = await fullPlan(scope());
    expect(unread).toEqual(['snapshots: UnauthorizedOperation: not you']);
    expect(entries[0]).toMatchObject({ action: 'delete', bytes: 0 });
  });
});
