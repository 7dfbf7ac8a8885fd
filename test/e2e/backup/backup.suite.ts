import { beforeAll, describe, expect, it } from 'vitest';
import {
  arnOf,
  backedUp,
  fire,
  requestsFor,
  runConsistent,
  scheduleCalled,
  schedulesOf,
  setWindow,
  TODAY,
} from '../support/backups.ts';
import { untilAws } from '../support/bakes.ts';
import { cardsAbout, daysAgo, imagesOf, seen, settle, until, untilSeen } from '../support/flow.ts';
import { runMember } from '../support/members.ts';
import { CLOSED, OPEN, session } from '../support/move-session.ts';
import { imagingOf, stateOf } from '../support/moves.ts';
import { untilDone } from '../support/queues.ts';

const CONSISTENT = { 'amity:consistent': 'true' };

/** Waits until nobody is at work on what was put so far. */
async function untilQuiet(): Promise<void> {
  await settle(1);
  await untilDone(session, 'BackupJobStateChange/RequestImage');
  await untilDone(session, 'AmiRequested/CreateImage');
}

describe.concurrent('a consistent backup outside of the window for reboots', () => {
  it('waits for it in one schedule, however often it is told, which is gone when it has asked', async () => {
    const id = await runConsistent('deferred');
    await Promise.all([backedUp(id), backedUp(id), backedUp(id)]);
    const name = await untilAws('its schedule', async () => (await schedulesOf(id))[0]);
    await untilDone(session, 'BackupJobStateChange/RequestImage');
    expect(await schedulesOf(id)).toEqual([name]);
    const schedule = await scheduleCalled(name);
    expect(schedule).toMatchObject({
      ScheduleExpression: expect.stringMatching(/^at\(\d{4}-\d\d-\d\dT\d\d:\d\d:00\)$/),
      ScheduleExpressionTimezone: 'UTC',
      ActionAfterCompletion: 'DELETE',
    });
    const at = schedule.ScheduleExpression?.slice(3, -1) ?? '';
    expect(at.slice(11, 16)).toBe(CLOSED.slice(0, 5));
    const wait = Date.parse(`${at}Z`) - Date.now();
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThan(86_400_000);
    expect(name).toBe(`backup-${id}-${at.slice(0, 10)}`);
    expect(requestsFor('deferred')).toEqual([]);
    expect(await stateOf(id)).toMatchObject({ state: 'running', reboots: 0 });

    await fire(name);
    const image = await untilSeen(session, 'AmiAvailable', 'deferred');
    expect(image).toMatchObject({ instanceId: id, reason: 'Backup', noReboot: false, requestId: name });
    expect(await schedulesOf(id)).toEqual([]);
    expect(await stateOf(id)).toMatchObject({ state: 'running', reboots: 1 });

    // Another job on that day would have it rebooted again in the same window.
    await backedUp(id);
    await untilAws('its schedule', async () => (await schedulesOf(id))[0]);
    await fire(name);
    await untilQuiet();
    expect(await schedulesOf(id)).toEqual([]);
    expect(await stateOf(id)).toMatchObject({ reboots: 1 });
    expect(await imagesOf(session, 'deferred')).toHaveLength(1);
  });

  it('of a member of an Auto Scaling group is refused when its time has come', async () => {
    const id = await runMember(session, 'deferred-members', CONSISTENT);
    await backedUp(id);
    const name = await untilAws('its schedule', async () => (await schedulesOf(id))[0]);
    await fire(name);
    const failed = await untilSeen(session, 'AmiFailed', 'deferred-members');
    expect(failed).toMatchObject({ code: 'auto-scaling-member', requestId: name });
    expect(await stateOf(id)).toMatchObject({ state: 'running', reboots: 0 });
  });
});

describe('a consistent backup at a time when instances may be rebooted', () => {
  beforeAll(() => setWindow(undefined));

  it('reboots and images that very instance, whatever else is called so, and once a day', async () => {
    const older = await runConsistent('twins', { launchTime: daysAgo(30) });
    const id = await runConsistent('twins', { launchTime: daysAgo(1) });
    await backedUp(id);
    const image = await untilSeen(session, 'AmiAvailable', 'twins');
    const requestId = `backup-${id}-${TODAY()}`;
    expect(image).toMatchObject({ instanceId: id, reason: 'Backup', noReboot: false, requestId });
    expect(image.imageName).toMatch(/^twins-Backup-/);
    expect(requestsFor('twins')).toEqual([
      { instanceName: 'twins', instanceId: id, requestId, reason: 'Backup', noReboot: false },
    ]);
    await until('the card', () => cardsAbout(session, image.imageId)[0]);

    await backedUp(id, { backupJobId: 'b1d2c3e4-0000-4000-8000-000000000001' });
    await until('it is asked for again', () => requestsFor('twins')[1]);
    await untilQuiet();
    expect(await stateOf(id)).toMatchObject({ state: 'running', reboots: 1 });
    expect(await stateOf(older)).toMatchObject({ state: 'running', reboots: 0 });
    expect(await imagesOf(session, 'twins')).toHaveLength(1);
  });

  it('of what is not to be consistent, does not run, or is no instance, is let be', async () => {
    const { control } = session.aws;
    const untagged = (await control.startInstance({ name: 'untagged' })).instanceId;
    const no = await runConsistent('tagged-false', { tags: { 'amity:consistent': 'false' } });
    const stopped = await runConsistent('backed-up-stopped', { state: 'stopped' });
    const good = await runConsistent('of-other-jobs');
    for (const id of [untagged, no, stopped, 'i-0123456789abcdef0']) await backedUp(id);
    for (const state of ['CREATED', 'RUNNING', 'FAILED', 'ABORTED', 'EXPIRED'])
      await backedUp(good, { state });
    const volume = `arn:aws:ec2:us-east-1:${session.aws.account}:volume/vol-0123456789abcdef0`;
    await backedUp(good, { resourceType: 'EBS', resourceArn: volume });
    await backedUp(good, { resourceType: 'RDS', resourceArn: arnOf(good) });
    await backedUp(good, { resourceArn: volume });
    await untilQuiet();
    expect(['untagged', 'tagged-false', 'backed-up-stopped', 'of-other-jobs'].flatMap(requestsFor)).toEqual(
      [],
    );
    for (const id of [untagged, no, stopped, good]) {
      expect(await imagingOf(id)).toEqual([]);
      expect(await stateOf(id)).toMatchObject({ reboots: 0 });
    }
  });

  it('of a member of an Auto Scaling group, which might replace it, is refused', async () => {
    const id = await runMember(session, 'backup-members', CONSISTENT);
    await backedUp(id);
    const failed = await untilSeen(session, 'AmiFailed', 'backup-members');
    expect(failed).toMatchObject({
      code: 'auto-scaling-member',
      message: expect.stringContaining('Auto Scaling group backup-members'),
      requestId: `backup-${id}-${TODAY()}`,
    });
    expect(await imagingOf(id)).toEqual([]);
    expect(await stateOf(id)).toMatchObject({ state: 'running', reboots: 0 });
  });

  it('of an instance without a name is told as failed', async () => {
    const id = (await session.aws.control.startInstance({ tags: CONSISTENT })).instanceId;
    await backedUp(id);
    const failed = await until('it is told', () =>
      seen(session, 'AmiFailed').find(({ requestId }) => requestId.startsWith(`backup-${id}`)),
    );
    expect(failed).toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('no Name tag'),
    });
    await until('the card', () => cardsAbout(session, id)[0]);
    expect(await imagingOf(id)).toEqual([]);
  });

  it('is made at once within the window', async () => {
    await setWindow(OPEN);
    const id = await runConsistent('in-the-window');
    await backedUp(id);
    expect(await untilSeen(session, 'AmiAvailable', 'in-the-window')).toMatchObject({ instanceId: id });
    expect(await schedulesOf(id)).toEqual([]);
    expect(await stateOf(id)).toMatchObject({ reboots: 1 });
  });
});
