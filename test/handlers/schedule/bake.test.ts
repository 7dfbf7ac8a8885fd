import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/schedule/bake.ts';
import { BASE_IMAGE } from '../../support/bake-record.ts';
import { BakeWorld } from '../../support/bake-world.ts';
import { times } from '../../support/calls.ts';
import { lambdaContext } from '../../support/events.ts';
import { image } from '../../support/fake-ec2.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
vi.mock('../../../shared/runtime/standing-bakes.ts', () => import('../../support/standing-bakes.ts'));

const ssm = mockClient(SSMClient);
let world: BakeWorld;
beforeEach(() => {
  world = new BakeWorld();
  ssm.reset();
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: BASE_IMAGE } });
});

const at = (instanceName: string, scheduledTime = '2025-06-05T02:00:00Z') =>
  handler({ instanceName, scheduledTime }, lambdaContext());
const asked = () => world.bus.of('AmiBakeRequested');

/** An image of the name that was baked from that one. */
const baked = (from: string, facts: Parameters<typeof image>[0] = {}, instanceName = 'service-web') =>
  world.ec2.images.push(
    image({
      ...facts,
      tags: { 'amity:instance-name': instanceName, 'amity:base-image': from, ...facts.tags },
    }),
  );

it('asks for the bake as the configuration has it', async () => {
  await at('service-batch');
  expect(asked()).toEqual([
    {
      requestId: expect.stringMatching(/^bake-[0-9a-f]{32}$/),
      instanceName: 'service-batch',
      baseImage: BASE_IMAGE,
      userData: '#!/bin/sh\n',
      reason: 'Nightly',
    },
  ]);
});

it('at one time is one request, however often it is called; another time is another', async () => {
  await at('service-batch');
  await at('service-batch');
  await at('service-batch', '2025-06-06T02:00:00Z');
  await at('service-api');
  const [one, again, next, other] = asked().map(({ requestId }) => requestId);
  expect(again).toBe(one);
  expect(new Set([one, next, other]).size).toBe(3);
});

describe('a bake that is wanted only when its base image has changed', () => {
  const EARLIER = 'ami-0ba5e000000000001';

  it('is asked for the first time', async () => {
    await at('service-web');
    expect(asked()).toHaveLength(1);
  });

  it('is not asked for where the newest image was baked from that one', async () => {
    baked(EARLIER, { id: 'ami-1', createdAt: '2025-01-01T00:00:00Z' });
    baked(BASE_IMAGE, { id: 'ami-2', createdAt: '2025-02-01T00:00:00Z' });
    await at('service-web');
    expect(asked()).toEqual([]);
  });

  it.each<[string, () => void]>([
    ['the newest was baked from another', () => baked(EARLIER, { createdAt: '2025-03-01T00:00:00Z' })],
    ['that image failed', () => baked(BASE_IMAGE, { state: 'failed' })],
    ['that image is of another name', () => baked(BASE_IMAGE, {}, 'service-api')],
  ])('is asked for where %s', async (_, happens) => {
    baked(EARLIER, { id: 'ami-1' });
    happens();
    await at('service-web');
    expect(asked()).toMatchObject([{ instanceName: 'service-web' }]);
  });

  it('is asked for where the image that was baked from it was given up', async () => {
    baked(BASE_IMAGE, { tags: { 'amity:failed': 'timeout' } });
    await at('service-web');
    expect(asked()).toHaveLength(1);
  });

  it('counts every page of images', async () => {
    world.ec2.pageSize = 1;
    baked(EARLIER, { id: 'ami-1', createdAt: '2025-01-01T00:00:00Z' });
    baked(BASE_IMAGE, { id: 'ami-2', createdAt: '2025-02-01T00:00:00Z' });
    await at('service-web');
    expect(asked()).toEqual([]);
  });

  it('is asked for where there is no parameter: the bake tells that', async () => {
    ssm.on(GetParameterCommand).rejects(new ParameterNotFound({ message: 'none', $metadata: {} }));
    await at('service-web');
    expect(asked()).toHaveLength(1);
  });

  it.each(['ThrottlingException', 'AccessDeniedException'])('%s: thrown', async (name) => {
    ssm.on(GetParameterCommand).rejects(Object.assign(new Error(name), { name }));
    await expect(at('service-web')).rejects.toMatchObject({ name });
    expect(asked()).toEqual([]);
  });
});

it('one that is wanted always needs no look at its base image', async () => {
  baked(BASE_IMAGE, {}, 'service-api');
  await at('service-api');
  expect(asked()).toHaveLength(1);
  expect(ssm.commandCalls(GetParameterCommand)).toEqual([]);
});

it('one that the configuration does not know (any more) is an error', async () => {
  await expect(at('service-gone')).rejects.toThrow('service-gone');
});

it('a bus that refuses it is an error', async () => {
  world.calls.faults = times(4, 'PutEvents', { when: 'before', how: 'throws' });
  await expect(at('service-batch')).rejects.toThrow('events refused');
});

it.each([{}, { instanceName: 'service-web' }, null])('a call that is none: %o', async (call) => {
  await expect(handler(call, lambdaContext())).rejects.toThrow();
});
