import { DescribeSecurityGroupsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../local/control-types.ts';
import { session } from '../support/bake-session.ts';
import {
  bakeOf,
  buildersOf,
  endsOf,
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
import { imagesOf } from '../support/flow.ts';

type Met = Pick<Fault, 'service' | 'action' | 'match'>;

const lost = (met: Met, times = 1): Fault => ({ ...met, kind: 'carried-out-answer-lost', times });
/** Refused in a way that the SDK does not try again: the function fails, or the step's own task. */
const refused = (met: Met, times = 1, code = 'FaultOfATest'): Fault => ({
  ...met,
  kind: 'error',
  code,
  status: 400,
  times,
});
/** Not for the asking: tried again by the SDK. */
const down = (met: Met, times: number): Fault => ({
  ...met,
  kind: 'error',
  code: 'InternalError',
  status: 500,
  times,
});

/** What a bake calls, as it is met by a fault of this bake alone. */
function callsOf(name: string) {
  const bake = bakeOf(session, name);
  const ec2 = (action: string, match: Record<string, string>): Met => ({ service: 'ec2', action, match });
  const events = (detailType: string): Met => {
    const match = { Entries: `*${detailType}*"instanceName":*"${name}"*` };
    return { service: 'events', action: 'PutEvents', match };
  };
  const table = (action: string, match: Record<string, string>): Met => ({
    service: 'dynamodb',
    action,
    match,
  });
  return {
    startExecution: { service: 'states', action: 'StartExecution', match: { name: bake } },
    getRequest: table('GetItem', { Key: `*#${name}'*` }),
    putRequest: table('PutItem', { TableName: '*Requests*', Item: `*#${name}'*` }),
    putCreated: table('TransactWriteItems', { TransactItems: `*#${name}'*` }),
    recordEnd: table('UpdateItem', { Key: `*#${name}'*` }),
    describeGroups: ec2('DescribeSecurityGroups', { 'Filter.1.Value.1': bake }),
    createGroup: ec2('CreateSecurityGroup', { GroupName: `*${bake}` }),
    runInstances: ec2('RunInstances', startOf(name)),
    describeBuilder: ec2('DescribeInstances', { 'Filter.1.Value.1': bake }),
    createImage: ec2('CreateImage', { Name: `${name}-Deploy-*` }),
    putAmiCreated: events('AmiCreated'),
    putAmiFailed: events('AmiFailed'),
  };
}

/** The same, once the builder runs: what is called with its id, its token, its group. */
async function callsOn(instanceId: string, token: string, name: string) {
  const onBuilder = (action: string): Met => ({
    service: 'ec2',
    action,
    match: { 'InstanceId.1': instanceId },
  });
  const { SecurityGroups = [] } = await new EC2Client(session.aws.clientConfig).send(
    new DescribeSecurityGroupsCommand({
      Filters: [{ Name: 'tag:amity:builder', Values: [bakeOf(session, name)] }],
    }),
  );
  const GroupId = SecurityGroups[0]?.GroupId ?? 'none';
  const signal = (action: string): Met => ({ service: 'states', action, match: { taskToken: token } });
  return {
    stop: onBuilder('StopInstances'),
    terminate: onBuilder('TerminateInstances'),
    console: { service: 'ec2', action: 'GetConsoleOutput', match: { InstanceId: instanceId } },
    deleteGroup: { service: 'ec2', action: 'DeleteSecurityGroup', match: { GroupId } },
    success: signal('SendTaskSuccess'),
    failure: signal('SendTaskFailure'),
  };
}

type Before = ReturnType<typeof callsOf>;
type After = Awaited<ReturnType<typeof callsOn>> & Before;

interface Crash {
  /** Before it is asked for. */
  readonly before?: (calls: Before) => Fault[];
  /** When its builder runs, which then ends. Without, its script does nothing. */
  readonly after?: (calls: After) => Fault[];
  /** The exit code of its script; never, where that does not end. */
  readonly code?: number | 'never';
  /** Of its AmiFailed; without, an image. */
  readonly ends?: object;
}

const strike = (faults: Fault[] = []) =>
  Promise.all(faults.map((fault) => session.aws.control.addFault(fault)));

const ALL = Object.entries({
  'each answer is lost once': {
    before: (each) => [
      lost(each.startExecution),
      lost(each.getRequest),
      lost(each.putRequest),
      lost(each.describeGroups),
      lost(each.createGroup),
      lost(each.runInstances),
      lost(each.describeBuilder),
      lost(each.createImage),
      lost(each.putCreated),
      lost(each.recordEnd),
    ],
    after: (each) => [lost(each.stop), lost(each.success), lost(each.terminate), lost(each.deleteGroup)],
  },
  'each answer of a bake that fails is lost once': {
    code: 1,
    after: (each) => [
      lost(each.failure),
      lost(each.console),
      lost(each.terminate),
      lost(each.deleteGroup),
      lost(each.putRequest),
    ],
    ends: { code: 'script-failed', stage: 'provision' },
  },
  'its creation is announced twice': { before: (each) => [lost(each.putAmiCreated)] },
  'its failure is put twice': {
    before: (each) => [lost(each.putAmiFailed)],
    code: 1,
    ends: { code: 'script-failed' },
  },
  'the signal is refused at first': { after: (each) => [down(each.success, 2)] },
  'stopping fails': { after: (each) => [refused(each.describeBuilder), refused(each.stop, 2)] },
  'every answer about the image is lost': { before: (each) => [lost(each.createImage, 4)] },
  'the image is not recorded at first': { before: (each) => [refused(each.putCreated)] },
  'the image is not announced at first': { before: (each) => [refused(each.putAmiCreated)] },
  'tearing down fails': { after: (each) => [refused(each.terminate, 2), refused(each.deleteGroup)] },
  'its end is not recorded at first': { before: (each) => [refused(each.recordEnd, 2)] },
  'giving up fails at first': {
    code: 1,
    after: (each) => [refused(each.putRequest), refused(each.putAmiFailed)],
    ends: { code: 'script-failed' },
  },
  'no group can be made': {
    before: (each) => [refused(each.createGroup)],
    ends: { code: 'ec2-rejected', stage: 'provision' },
  },
  'EC2 refuses the builder': {
    before: (each) => [refused(each.runInstances)],
    ends: { code: 'ec2-rejected', stage: 'provision' },
  },
  'EC2 starts the builder, and every answer is lost': {
    before: (each) => [lost(each.runInstances, 8)],
    code: 'never',
    ends: { code: 'bake-error', stage: 'provision' },
  },
  'EC2 refuses the image': {
    before: (each) => [refused(each.createImage)],
    ends: { code: 'ec2-rejected', stage: 'create-image' },
  },
} satisfies Record<string, Crash>) as [string, Crash][];

describe.concurrent('a bake of which', () => {
  it.each(ALL)(
    '%s ends once, and leaves nothing but its image',
    async (what, { before, after, code, ends }) => {
      const name = what.replaceAll(' ', '-').replaceAll(',', '');
      const calls = callsOf(name);
      const faults = await strike(before?.(calls));
      await requestBake(session, name, { userData: after || code ? WAITS : NOTHING });
      if (code !== 'never' && (after || code)) {
        const { instanceId } = await untilBuilder(session, name);
        const { root, token } = await untilBegun(session, instanceId);
        const more = await callsOn(instanceId, token, name);
        faults.push(...(await strike(after?.({ ...calls, ...more }))));
        await letGo(root, code);
      }
      const end = await untilEnd(session, name, 150);
      expect(end).toMatchObject({
        requestId: name,
        attempt: 1,
        ...(ends ?? { imageId: expect.any(String) }),
      });
      await untilGone(session, bakeOf(session, name));
      expect(await imagesOf(session, name)).toHaveLength(ends ? 0 : 1);
      // An event whose answer is lost is on the bus twice, and says the same.
      expect(new Set(endsOf(session, name).map((each) => JSON.stringify(each))).size).toBe(1);
      const struck = new Map((await session.aws.control.faults()).map((each) => [each.id, each.struck]));
      expect(faults.map(({ id, action }) => [action, (struck.get(id) ?? 0) > 0])).toEqual(
        faults.map(({ action }) => [action, true]),
      );
      expect((await startsOf(session, name)).length).toBeLessThan(10);
      expect((await buildersOf(session, name)).length).toBeLessThan(2);
    },
    200_000,
  );

  it('the token cannot be kept ends, and leaves nothing', async () => {
    const name = 'token-not-kept';
    const { runInstances } = callsOf(name);
    // In the time of which the id of the builder is learnt.
    await strike([lost(runInstances), { ...runInstances, kind: 'delay', seconds: 3, after: 1, times: 1 }]);
    await requestBake(session, name, { userData: WAITS });
    const { instanceId } = await untilBuilder(session, name);
    const match = { TableName: '*Waiting*', Item: `*${instanceId}*` };
    await strike([refused({ service: 'dynamodb', action: 'PutItem', match })]);
    expect(await untilEnd(session, name)).toMatchObject({ code: 'bake-error', stage: 'provision' });
    await untilGone(session, bakeOf(session, name));
    expect(endsOf(session, name)).toHaveLength(1);
  });

  it('the validation cannot be concluded at first is announced all the same', async () => {
    const name = 'concluded-late';
    await requestBake(session, name, { userData: NOTHING, validate: WAITS });
    const { instanceId } = await untilBuilder(session, name, 1);
    const { root } = await untilBegun(session, instanceId);
    const [image] = await imagesOf(session, name);
    const match = { 'ResourceId.1': image?.imageId ?? '' };
    await strike([refused({ service: 'ec2', action: 'DeleteTags', match })]);
    await letGo(root);
    expect(await untilEnd(session, name)).toHaveProperty('snapshotIds');
    const [{ tags } = { tags: {} }] = await imagesOf(session, name);
    expect(tags).not.toHaveProperty('amity:failed');
  });

  it('the unfit image cannot be deregistered at first ends once, and leaves no image', async () => {
    const name = 'deregistered-late';
    await requestBake(session, name, { userData: NOTHING, validate: WAITS });
    const { instanceId } = await untilBuilder(session, name, 1);
    const { root } = await untilBegun(session, instanceId);
    const [image] = await imagesOf(session, name);
    const met = { service: 'ec2', action: 'DeregisterImage', match: { ImageId: image?.imageId ?? '' } };
    await strike([refused(met), lost(met)]);
    await letGo(root, 4);
    expect(await untilEnd(session, name)).toMatchObject({ code: 'validation-failed', stage: 'validate' });
    await untilAws('the image is gone', async () => (await imagesOf(session, name)).length === 0);
    expect(endsOf(session, name)).toHaveLength(1);
  });
});
