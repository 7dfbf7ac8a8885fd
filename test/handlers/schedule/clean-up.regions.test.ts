import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/schedule/clean-up.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { CleanUpWorld, old } from '../../support/clean-up-world.ts';
import { MINUTE, passes, stopClock } from '../../support/clock.ts';
import { lambdaContext, NOW } from '../../support/events.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
vi.hoisted(() => {
  process.env.RETENTION = JSON.stringify({
    ...JSON.parse(process.env.RETENTION ?? '{}'),
    regions: ['eu-west-1'],
    stopAboveShare: 0.5,
  });
});
stopClock();

let world: CleanUpWorld;
beforeEach(() => {
  world = new CleanUpWorld();
  world.has(1, 2, 20);
  for (const age of [1, 2, 30]) there(age);
});
const there = (age: number) => world.add(age, {}, 'service-api', 'eu-west-1');
const call = (more: object = {}) =>
  handler({ runId: 'run', startedAt: NOW.toISOString(), ...more }, lambdaContext({ remainingMs: 900_000 }));
const reports = () => world.bus.of('AmiCleaned');

it('cleans all regions in one run, each newest for itself, and names the region that is not the stack’s', async () => {
  expect(await call()).toMatchObject({ done: true });
  expect(world.home.deregistered).toEqual([old(20)]);
  expect(world.region('eu-west-1').deregistered).toEqual([old(30)]);
  const [report] = reports();
  const deleted = (report?.deleted as { imageId: string; region?: string }[]) ?? [];
  expect(deleted.toSorted((a, b) => a.imageId.localeCompare(b.imageId))).toMatchObject([
    { imageId: old(20) },
    { imageId: old(30), region: 'eu-west-1' },
  ]);
  expect(deleted.find(({ imageId }) => imageId === old(20))).not.toHaveProperty('region');
});

it('an image is in use while it is copied into the other region', async () => {
  Object.assign(world.region('eu-west-1').add({ id: 'ami-copy', state: 'pending' }), {
    SourceImageId: old(20),
    SourceImageRegion: 'us-east-1',
  });
  await call();
  expect(world.home.deregistered).toEqual([]);
  expect(reports()[0]?.kept).toMatchObject([{ reason: 'in use: copy ami-copy in eu-west-1' }]);
});

it('the brake of one region does not hold the other, and says where', async () => {
  for (let age = 40; age < 65; age += 1) there(age);
  expect(await call()).toMatchObject({
    report: {
      failed: [{ code: 'stopped', region: 'eu-west-1', message: expect.stringContaining('26 of 28') }],
    },
  });
  expect(world.home.deregistered).toEqual([old(20)]);
  expect(world.region('eu-west-1').deregistered).toEqual([]);
});

it('a share that only looks large until EC2 is asked image by image is no brake, as in a plan', async () => {
  for (let age = 40; age < 65; age += 1) there(age);
  const { uses } = world.region('eu-west-1');
  for (let age = 40; age < 63; age += 1) uses.references.set(old(age), ['arn:aws:ssm:r:a:parameter/image']);
  expect(await call()).toMatchObject({ report: { failed: [] } });
  expect(world.region('eu-west-1').deregistered).toEqual([old(64), old(63), old(30)]);
});

describe('one region that is broken', () => {
  const error = ec2Error('AuthFailure', 'region disabled');
  const isBroken = (name: string) =>
    name === 'eu-west-1/DescribeSnapshots' || name === 'eu-west-1/DescribeImages';
  const breaks = () => {
    // The other region looks into it for copies, later: only its own survey fails.
    let left = 1;
    world.calls.faults = (name) => {
      if (!isBroken(name) || left === 0) return undefined;
      left -= 1;
      return { when: 'before', how: 'throws', error };
    };
  };

  it('does not keep the other from its work; the call ends in an error, and the next one does the rest', async () => {
    breaks();
    await expect(call()).rejects.toThrow('region disabled');
    expect(world.home.deregistered).toEqual([old(20)]);
    expect(reports()).toEqual([]);
    expect(await call()).toMatchObject({ done: true, report: { counts: { deleted: 2 } } });
  });

  it('is told by the last call', async () => {
    breaks();
    expect(await call({ last: true })).toMatchObject({
      done: true,
      report: { counts: { deleted: 1 }, failed: [{ code: 'AuthFailure', message: 'region disabled' }] },
    });
  });

  it('that a call has died in is told by the last one too, with what was done elsewhere', async () => {
    world.calls.faults = (name) =>
      name === 'BatchWrite' && world.region('eu-west-1').deregistered.length > 0
        ? { when: 'before', how: 'throws' }
        : undefined;
    await expect(call()).rejects.toThrow('socket hang up');
    world.calls.faults = (name) => (isBroken(name) ? { when: 'before', how: 'throws', error } : undefined);
    expect(await call({ last: true })).toMatchObject({
      report: { counts: { deleted: 1 }, failed: [{ code: 'AuthFailure', message: 'region disabled' }] },
    });
    expect(world.home.deregistered).toEqual([old(20)]);
  });

  it('makes a run of one call an error', async () => {
    breaks();
    await expect(handler({}, lambdaContext({ remainingMs: 900_000 }))).rejects.toThrow(
      'run: AuthFailure: region disabled',
    );
  });
});

it('one region that needs longer: the run goes on, and nothing is done twice', async () => {
  for (let age = 100; age < 114; age += 1) there(age);
  world.calls.before('eu-west-1/DeregisterImage', () => passes(14 * MINUTE));
  expect(await call()).toMatchObject({ done: false });
  expect(await call()).toMatchObject({ done: true, report: { counts: { deleted: 16 } } });
  expect(world.home.deregistered).toEqual([old(20)]);
  expect(world.region('eu-west-1').deregistered).toHaveLength(15);
});
