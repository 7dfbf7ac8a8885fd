import { DeleteLaunchTemplateCommand, EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../local/control-types.ts';
import { announced, envelopes, settle, until, untilSeen } from '../support/flow.ts';
import { put } from '../support/put.ts';
import { session } from '../support/rollout-session.ts';
import {
  addGroup,
  addImage,
  availability,
  follow,
  putAndSettle,
  refreshesOf,
  release,
  rollBack,
  runningOf,
  standOf,
  untilPointed,
  untilRolledOut,
  untilTold,
} from '../support/rollouts.ts';

type Met = Pick<Fault, 'service' | 'action' | 'match'>;

/** What a rollout calls, as a fault meets it for one launch template, group and name alone. */
function callsOf(name: string, id: string) {
  const ec2 = (action: string): Met => ({ action, match: { LaunchTemplateId: id } });
  const group = (action: string): Met => ({
    service: 'autoscaling',
    action,
    match: { AutoScalingGroupName: name },
  });
  const ledger = (action: string, field: string): Met => {
    const match = { TableName: '*Rollouts*', [field]: `*template#${id}*` };
    return { service: 'dynamodb', action, match };
  };
  return {
    describe: ec2('DescribeLaunchTemplateVersions'),
    create: ec2('CreateLaunchTemplateVersion'),
    makeDefault: ec2('ModifyLaunchTemplate'),
    pin: group('UpdateAutoScalingGroup'),
    refresh: group('StartInstanceRefresh'),
    follow: group('DescribeInstanceRefreshes'),
    lease: ledger('UpdateItem', 'Key'),
    note: ledger('PutItem', 'Item'),
    start: { service: 'states', action: 'StartExecution', match: { input: `*${id}*` } } satisfies Met,
    tell: {
      service: 'events',
      action: 'PutEvents',
      match: { Entries: `*AmiRolledOut*${id}*` },
    } satisfies Met,
    point: {
      service: 'ssm',
      action: 'PutParameter',
      match: { Name: `/amity/images/${name}/latest` },
    } satisfies Met,
  };
}

type Calls = ReturnType<typeof callsOf>;

const lost = (met: Met): Fault => ({ ...met, kind: 'carried-out-answer-lost', times: 1 });
const throttled = (met: Met, times: number): Fault => ({ ...met, kind: 'throttle', times });
/** In a way that nobody tries again at once: the function ends there. */
const refused = (met: Met, after = 0): Fault => ({
  ...met,
  kind: 'error',
  code: 'FaultOfATest',
  status: 400,
  times: 1,
  after,
});
/** As often as the SDK tries. */
const down = (met: Met): Fault => ({ ...met, kind: 'error', code: 'InternalError', status: 500, times: 8 });

const CRASHES: Record<string, (calls: Calls) => Fault[]> = {
  'each answer is lost once': (calls) => Object.values(calls).map(lost),
  'EC2 and Auto Scaling throttle': (calls) => [
    throttled(calls.describe, 3),
    throttled(calls.create, 3),
    throttled(calls.makeDefault, 3),
    throttled(calls.pin, 2),
    throttled(calls.refresh, 2),
    throttled(calls.follow, 2),
  ],
  'the template cannot be had at first': (calls) => [refused(calls.lease)],
  'the new version is not written down at first': (calls) => [refused(calls.note)],
  'that it was told is not written down at first': (calls) => [refused(calls.note, 1)],
  'it cannot be told at first': (calls) => [{ ...refused(calls.tell), times: 4 }],
  'its workflow cannot be started at first': (calls) => [refused(calls.start)],
  'the new version is not made the default at first': (calls) => [down(calls.makeDefault)],
};

const strike = (faults: readonly Fault[]) =>
  Promise.all(faults.map((fault) => session.aws.control.addFault(fault)));

const distinct = (events: readonly object[]) => new Set(events.map((each) => JSON.stringify(each))).size;

describe.concurrent('a rollout of which', () => {
  it.each(Object.entries(CRASHES))(
    '%s is done all the same, and once',
    async (what, faultsOf) => {
      const name = what.toLowerCase().replaceAll(' ', '-');
      const { id, base } = await follow(session, name);
      await addGroup(session, name, { LaunchTemplate: { LaunchTemplateId: id, Version: '$Default' } });
      const faults = await strike(faultsOf(callsOf(name, id)));
      const image = await release(session, name, 3);
      await untilTold(session, 'AmiRolloutSucceeded', name);
      await untilPointed(session, name, image.imageId);
      await settle(2);
      expect(await standOf(session, id)).toEqual({ images: [base, image.imageId], default: 2 });
      expect(await refreshesOf(session, name)).toHaveLength(1);
      expect(await runningOf(session, name)).toEqual(['2']);
      // An event whose answer is lost is on the bus twice, and says the same.
      expect(distinct(announced(session, 'AmiRolledOut', name))).toBe(1);
      expect(distinct(announced(session, 'AmiRolloutSucceeded', name))).toBe(1);
      expect(announced(session, 'AmiRolloutFailed', name)).toEqual([]);
      const struck = new Map((await session.aws.control.faults()).map((each) => [each.id, each.struck]));
      expect(faults.filter((each) => !struck.get(each.id)).map(({ action }) => action)).toEqual([]);
    },
    150_000,
  );

  it('is told five times at once is done once', async () => {
    const { id, base } = await follow(session, 'five-times');
    await addGroup(session, 'five-times', { LaunchTemplate: { LaunchTemplateId: id, Version: '1' } });
    const image = await addImage(session, 'five-times', 3);
    const told = availability(session, 'five-times', image);
    await Promise.all(Array.from({ length: 5 }, () => put(session, told)));
    await untilTold(session, 'AmiRolloutSucceeded', 'five-times');
    await putAndSettle(session, 'five-times', told, told);
    expect(await standOf(session, id)).toEqual({ images: [base, image.imageId], default: 2 });
    expect(await refreshesOf(session, 'five-times')).toHaveLength(1);
    expect(announced(session, 'AmiRolledOut', 'five-times')).toHaveLength(1);
    expect(announced(session, 'AmiRolloutSucceeded', 'five-times')).toHaveLength(1);
  });
});

describe.concurrent('of several launch templates of a name', () => {
  const ec2 = () => new EC2Client(session.aws.clientConfig);
  const remove = (LaunchTemplateId: string) =>
    ec2().send(new DeleteLaunchTemplateCommand({ LaunchTemplateId }));

  it('one that EC2 refuses is told, once; the others are rolled out', async () => {
    const name = 'one-refused';
    const refused = await follow(session, name);
    const others = [
      await follow(session, name, { name: `${name}-2` }),
      await follow(session, name, { name: `${name}-3` }),
    ];
    const code = 'VersionLimitExceeded';
    const { create } = callsOf(name, refused.id);
    await strike([{ ...create, kind: 'error', code, message: 'Too many versions.', status: 400 }]);
    const image = await release(session, name, 3);
    const told = await untilRolledOut(session, name, image, 2);
    expect(told.map(({ launchTemplateId }) => launchTemplateId).sort()).toEqual(
      others.map(({ id }) => id).sort(),
    );
    await untilSeen(session, 'AmiRolloutFailed', name);
    await putAndSettle(session, name, availability(session, name, image));
    expect(announced(session, 'AmiRolloutFailed', name)).toMatchObject([
      { code: 'ec2-rejected', launchTemplateId: refused.id, imageId: image.imageId },
    ]);
    expect(announced(session, 'AmiRolloutFailed', name)[0]?.message).toContain(`${code}: Too many versions.`);
    expect(await standOf(session, refused.id)).toEqual({ images: [refused.base], default: 1 });
  });

  it.each<[string, ((calls: Calls) => Met) | undefined]>([
    ['before', undefined],
    ['between list and look', (calls) => calls.describe],
    ['between look and change', (calls) => calls.create],
    ['between change and default', (calls) => calls.makeDefault],
  ])("one that is deleted %s is nobody's business; the other is rolled out", async (when, delayed) => {
    const name = `deleted-${when.replaceAll(' ', '-')}`;
    const gone = await follow(session, name);
    const other = await follow(session, name, { name: `${name}-2` });
    const [fault] = delayed
      ? await strike([{ ...delayed(callsOf(name, gone.id)), kind: 'delay', seconds: 4, times: 1 }])
      : [];
    if (!fault) await remove(gone.id);
    const image = await release(session, name, 3);
    if (fault) {
      const isAtIt = async () =>
        (await session.aws.control.faults()).some((each) => each.id === fault.id && each.struck > 0);
      await until('the call that waits', isAtIt, 80, 200);
      await remove(gone.id);
    }
    const told = await untilRolledOut(session, name, image);
    expect(told.map(({ launchTemplateId }) => launchTemplateId)).toEqual([other.id]);
    await settle(fault ? 5 : 2);
    expect(announced(session, 'AmiRolledOut', name)).toHaveLength(1);
    expect(announced(session, 'AmiRolloutFailed', name)).toEqual([]);
  });
});

describe.concurrent('a rollback of which', () => {
  it('answers are lost, and of which is asked five times, goes one version back', async () => {
    const name = 'back-once';
    const { id, base } = await follow(session, name);
    const [first, second] = [5, 4];
    const images: string[] = [];
    for (const age of [first, second]) {
      const image = await release(session, name, age);
      await untilRolledOut(session, name, image);
      await untilPointed(session, name, image.imageId);
      images.push(image.imageId);
    }
    const { makeDefault, note, point } = callsOf(name, id);
    const reject: Met = { action: 'CreateTags', match: { 'ResourceId.1': images[1] ?? '' } };
    await strike([makeDefault, note, point, reject].map(lost));
    const request = { instanceName: name, requestId: name };
    await Promise.all(Array.from({ length: 5 }, () => rollBack(session, request)));
    await untilSeen(session, 'AmiRolledBack', name);
    await untilPointed(session, name, images[0] ?? '');
    await settle(8);
    expect(await standOf(session, id)).toEqual({ images: [base, ...images], default: 2 });
    expect(distinct(announced(session, 'AmiRolledBack', name))).toBe(1);
    expect(
      envelopes(session, 'AmiRolloutFailed').filter(({ detail }) => JSON.stringify(detail).includes(name)),
    ).toEqual([]);
  });
});
