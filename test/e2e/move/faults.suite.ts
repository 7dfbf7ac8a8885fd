import { CreateTagsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../local/control-types.ts';
import { hashOf, keyOf } from '../../../shared/events/request-key.ts';
import { untilAws } from '../support/bakes.ts';
import { imagesOf, settle } from '../support/flow.ts';
import { session } from '../support/move-session.ts';
import {
  endsOf,
  likenessesOf,
  requestMove,
  runSource,
  startOf,
  stateOf,
  untilEnd,
  untilStarted,
} from '../support/moves.ts';

type Met = Pick<Fault, 'service' | 'action' | 'match'>;

/** Carried out, and nobody hears of it: as if whoever called had died of it. */
const lost = (met: Met, times = 1): Fault => ({ ...met, kind: 'carried-out-answer-lost', times });
/** Refused in a way that the SDK does not try again: the function fails, and is called again. */
const refused = (met: Met, times = 1): Fault => ({
  ...met,
  ...{ kind: 'error', code: 'InternalFailure', status: 500, times },
});
/** More often than the SDK tries: the function fails with it. */
const ALL_TRIES = 8;

/** What a move calls, as it is met by a fault of this move alone. */
function callsOf(source: string) {
  const name = hashOf(keyOf(session.aws.account, 'my.release-train', `move-${source}`));
  const ec2 = (action: string, match: Record<string, string>): Met => ({ service: 'ec2', action, match });
  const service = (which: string, action: string, match: Record<string, string>): Met => ({
    service: which,
    action,
    match,
  });
  return {
    lookUp: service('dynamodb', 'GetItem', { Key: `*move#${name}*` }),
    remember: service('dynamodb', 'PutItem', { Item: `*move#${name}*` }),
    startExecution: service('states', 'StartExecution', { name }),
    requestImage: service('events', 'PutEvents', { Entries: `*AmiRequested*move-${name}*` }),
    describe: ec2('DescribeInstances', { 'InstanceId.1': source }),
    createImage: ec2('CreateImage', { InstanceId: source }),
    userData: ec2('DescribeInstanceAttribute', { InstanceId: source }),
    run: ec2('RunInstances', startOf(source)),
    tag: ec2('CreateTags', { 'ResourceId.1': source }),
    stop: ec2('StopInstances', { 'InstanceId.1': source }),
  };
}

const CRASHES = Object.entries({
  'each answer is lost once': (each) => Object.values(each).map((met) => lost(met)),
  'its start is not remembered': (each) => [refused(each.remember, 6)],
  'the request for the image is put twice': (each) => [lost(each.requestImage, 2)],
  'every answer about the image is lost': (each) => [lost(each.createImage, 4)],
  'every answer about the new instance is lost': (each) => [lost(each.run, ALL_TRIES)],
  'the source cannot be read at first': (each) => [refused(each.describe, ALL_TRIES), refused(each.userData)],
  'stopping the source fails at first': (each) => [refused(each.tag, 2), refused(each.stop, ALL_TRIES)],
} satisfies Record<string, (each: ReturnType<typeof callsOf>) => Fault[]>);

describe.concurrent('a move of which', () => {
  it.each(CRASHES)('%s ends once, with one instance', async (what, faultsOf) => {
    const name = what.replaceAll(' ', '-');
    const source = await runSource(name);
    const faults = await Promise.all(
      faultsOf(callsOf(source)).map((fault) => session.aws.control.addFault(fault)),
    );
    await requestMove(source, { stopSource: true });
    const moved = await untilEnd(source);
    expect(moved).toMatchObject({ requestId: `move-${source}`, instanceName: name, sourceStopped: true });
    await untilAws('the source is stopped', async () => (await stateOf(source)).state === 'stopped');
    await settle(2);
    expect(endsOf(source)).toEqual([moved]);
    expect((await likenessesOf(source)).map(({ InstanceId }) => InstanceId)).toEqual([moved.instanceId]);
    expect(await imagesOf(session, name)).toHaveLength(1);
    expect((await stateOf(source)).reboots).toBe(1);
    const struck = new Map((await session.aws.control.faults()).map((each) => [each.id, each.struck]));
    expect(faults.map(({ id, action }) => [action, struck.get(id)])).not.toContainEqual([
      expect.any(String),
      0,
    ]);
  });

  it('the source changes after the answer about the new instance was lost has that instance', async () => {
    const source = await runSource('changed-meanwhile');
    const fault = await session.aws.control.addFault({
      ...callsOf(source).run,
      kind: 'carried-out-answer-lost',
    });
    await requestMove(source);
    const instanceId = await untilStarted(source);
    const Tags = [{ Key: 'team', Value: 'payments' }];
    await new EC2Client(session.aws.clientConfig).send(new CreateTagsCommand({ Resources: [source], Tags }));
    expect(await untilEnd(source)).toMatchObject({ instanceId, sourceStopped: false });
    expect(await likenessesOf(source)).toHaveLength(1);
    await session.aws.control.removeFaults(fault.id);
  });
});
