import { EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { BASE_IMAGE, untilAws } from '../support/bakes.ts';
import { cardsAbout, imagesOf, seen, until } from '../support/flow.ts';
import { runMember } from '../support/members.ts';
import { session, subnets, UNLISTED } from '../support/move-session.ts';
import {
  imageRequestsOf,
  imagingOf,
  likenessesOf,
  requestMove,
  runSource,
  startOf,
  stateOf,
  untilEnd,
} from '../support/moves.ts';
import { put } from '../support/put.ts';

interface Refusal {
  /** Gives the id of the source. */
  readonly source: () => Promise<string>;
  readonly subnetId?: () => string;
  readonly fails: object;
}

const named = (name: string, more: object) => async () =>
  (await session.aws.control.startInstance({ name, ...more })).instanceId;

/** An instance whose role may not be passed. */
async function runUnlisted(): Promise<string> {
  const { Instances = [] } = await new EC2Client(session.aws.clientConfig).send(
    new RunInstancesCommand({
      MinCount: 1,
      MaxCount: 1,
      ImageId: BASE_IMAGE,
      InstanceType: 't3.micro',
      IamInstanceProfile: { Name: UNLISTED },
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'unlisted' }] }],
    }),
  );
  const id = Instances[0]?.InstanceId ?? '';
  await untilAws(`${id} runs`, async () => (await stateOf(id)).state === 'running');
  return id;
}

const says = (part: string) => expect.stringContaining(part);

const REFUSALS: Record<string, Refusal> = {
  'an instance that is not there': {
    source: async () => 'i-0123456789abcdef0',
    fails: { code: 'source-unfit', message: says('does not exist') },
  },
  'a stopped instance': {
    source: named('stopped', { state: 'stopped' }),
    fails: { code: 'source-unfit', message: says('is stopped') },
  },
  'a terminated instance': {
    source: named('terminated', { state: 'terminated' }),
    fails: { code: 'source-unfit', message: says('is terminated') },
  },
  'an instance without a name': {
    source: async () => (await session.aws.control.startInstance({ tags: { team: 'nobody' } })).instanceId,
    fails: { code: 'source-unfit', message: says('no Name tag') },
  },
  'an instance with an instance store': {
    source: named('with-store', { rootDeviceType: 'instance-store' }),
    fails: { code: 'source-unfit', message: says('instance store') },
  },
  'a member of an Auto Scaling group': {
    source: () => runMember(session, 'move-members'),
    fails: { code: 'source-unfit', message: says('Auto Scaling group move-members') },
  },
  'a role that is not listed': {
    source: runUnlisted,
    fails: { code: 'pass-role', message: says(`the role ${UNLISTED}, which rollout.instanceRoles does not`) },
  },
  'a subnet of another network': {
    source: named('to-another-network', {}),
    subnetId: () => subnets.foreign,
    fails: { code: 'subnet-unfit', message: says('its security groups do not go there') },
  },
  'a subnet that is not there': {
    source: named('to-nowhere', {}),
    subnetId: () => 'subnet-0123456789abcdef0',
    fails: { code: 'subnet-unfit', message: says('does not exist') },
  },
};

describe.concurrent('a move is refused before anything is made:', () => {
  it.each(Object.entries(REFUSALS))('%s', async (_, { source, subnetId, fails }) => {
    const id = await source();
    const target = subnetId?.() ?? subnets.other;
    await requestMove(id, { stopSource: true, subnetId: target });
    const end = await untilEnd(id);
    expect(end).toEqual({
      sourceInstanceId: id,
      subnetId: target,
      requestId: `move-${id}`,
      code: expect.any(String),
      message: expect.any(String),
    });
    expect(end).toMatchObject(fails);
    await until('the card', () => cardsAbout(session, `From: ${id}, which runs on`)[0]);
    expect(imageRequestsOf(id)).toEqual([]);
    expect(await imagingOf(id)).toEqual([]);
    expect(await likenessesOf(id)).toEqual([]);
  });

  it('a detail that is no request, with every field that is wrong', async () => {
    const detail = { instanceId: 'web-1', stopSource: 'yes', requestId: 'no-request' };
    await put(session, { detailType: 'AmiMoveRequested', detail });
    const failed = await until('it is told', () =>
      seen(session, 'AmiMoveFailed').find(({ code }) => code === 'invalid-request'),
    );
    for (const field of ['instanceId', 'subnetId', 'stopSource']) expect(failed.message).toContain(field);
  });
});

describe.concurrent('a move fails, and its source runs on, when', () => {
  const fault = (source: string, code: string, status: number) =>
    session.aws.control.addFault({
      action: 'RunInstances',
      kind: 'error',
      code,
      status,
      match: startOf(source),
    });

  it.each([
    ['no-capacity', 'InsufficientInstanceCapacity', 500],
    ['no-capacity', 'Unsupported', 400],
    ['access-denied', 'AuthFailure', 401],
    ['ec2-rejected', 'VcpuLimitExceeded', 400],
  ])('EC2 starts nothing: %s, by its %s', async (code, answer, status) => {
    const source = await runSource(`refused-${answer}`);
    await fault(source, answer, status);
    await requestMove(source, { stopSource: true });
    const failed = await untilEnd(source);
    expect(failed).toMatchObject({ code, message: says(answer), instanceName: `refused-${answer}` });
    expect(failed).not.toHaveProperty('instanceId');
    expect(await likenessesOf(source)).toEqual([]);
    expect(await stateOf(source)).toMatchObject({ state: 'running', reboots: 1 });
    // The image stays: it is not this move's to delete.
    expect(await imagesOf(session, `refused-${answer}`)).toHaveLength(1);
  });

  it('its image fails', async () => {
    const source = await runSource('image-fails');
    const message = 'Client.InternalError: the snapshot failed';
    await session.aws.control.addFault({
      ...{ action: 'CreateImage', kind: 'image-fails', times: 1 },
      ...{ code: 'Client.InternalError', message, match: { InstanceId: source } },
    });
    await requestMove(source, { stopSource: true });
    expect(await untilEnd(source)).toMatchObject({ code: 'image-failed', message: says('image-failed') });
    expect(await likenessesOf(source)).toEqual([]);
    expect((await stateOf(source)).state).toBe('running');
  });

  it('EC2 refuses to image it', async () => {
    const source = await runSource('image-refused');
    await session.aws.control.addFault({
      ...{ action: 'CreateImage', kind: 'error', code: 'FaultOfATest', status: 400 },
      match: { InstanceId: source },
    });
    await requestMove(source);
    expect(await untilEnd(source)).toMatchObject({ code: 'image-failed', message: says('FaultOfATest') });
    expect(await likenessesOf(source)).toEqual([]);
  });

  it('it is gone when its image is there', async () => {
    const source = await runSource('gone-meanwhile');
    await session.aws.control.setPending(null, { instance: source });
    await requestMove(source);
    const image = await untilAws('its image', async () => (await imagesOf(session, 'gone-meanwhile'))[0]);
    await session.aws.control.changeInstance(source, { state: 'terminated' });
    await session.aws.control.changeImage(image.imageId, { state: 'available' });
    expect(await untilEnd(source)).toMatchObject({ code: 'source-unfit', message: says('is gone') });
    expect(await likenessesOf(source)).toEqual([]);
  });
});
