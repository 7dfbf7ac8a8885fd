import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/bake/create-image.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { BASE_IMAGE, spec } from '../../support/bake-record.ts';
import { BakeWorld } from '../../support/bake-world.ts';
import { once } from '../../support/calls.ts';
import { HOUR, MINUTE, passes, stopClock } from '../../support/clock.ts';
import { lambdaContext, NOW } from '../../support/events.ts';
import { image } from '../../support/fake-ec2.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: BakeWorld;
let requestKey: string;
beforeEach(() => {
  world = new BakeWorld();
  world.builders.add({ state: 'stopped' });
  requestKey = world.knows().key;
});
const id = 'i-0b111de7000000001';
const create = (overrides: object = {}, context = lambdaContext({ remainingMs: 60_000 })) =>
  handler(
    {
      requestKey,
      attempt: 1,
      stoppedId: id,
      baseImageId: BASE_IMAGE,
      startedAt: NOW.toISOString(),
      ...overrides,
    },
    context,
  );
const failed = (error: string, cause: unknown = expect.any(String)) => ({
  failed: { stage: 'create-image', error, cause },
});
const NAME = 'service-web-Deploy-2025-06-05_12_00';

describe('the image', () => {
  it('has the name of its request, and says what it was baked from, on its snapshots too', async () => {
    world.knows({ tags: { team: 'platform' } });
    expect(await create()).toEqual({ created: true });
    const Tags = [
      { Key: 'team', Value: 'platform' },
      { Key: 'amity:base-image', Value: BASE_IMAGE },
      { Key: 'Name', Value: NAME },
      { Key: 'Reason', Value: 'Deploy' },
      { Key: 'amity:instance-name', Value: 'service-web' },
      { Key: 'amity:request-id', Value: 'one' },
    ];
    expect(world.ec2.creations).toEqual([
      {
        InstanceId: id,
        Name: NAME,
        NoReboot: true,
        TagSpecifications: ['image', 'snapshot'].map((ResourceType) => ({ ResourceType, Tags })),
      },
    ]);
  });

  it('that is to be validated is nobody’s newest until then', async () => {
    world.knows({ bake: spec({ validate: '#!/bin/sh\n' }) });
    await create();
    expect(world.ec2.creations[0]?.TagSpecifications?.[0]?.Tags).toContainEqual({
      Key: 'amity:failed',
      Value: 'not-validated',
    });
  });

  it('is announced, with what it was baked from', async () => {
    await create();
    expect(world.bus.published).toEqual([
      {
        type: 'AmiCreated',
        detail: {
          requestId: 'one',
          attempt: 1,
          instanceName: 'service-web',
          imageId: 'ami-00000000000000001',
          imageName: NAME,
          region: 'us-east-1',
          instanceId: id,
          reason: 'Deploy',
          noReboot: true,
          baseImageId: BASE_IMAGE,
        },
      },
    ]);
  });

  it('is recorded, with all that its request says', async () => {
    const bake = spec({ validate: '#!/bin/sh\n', subnetIds: ['subnet-0000000a'] });
    world.knows({ bake });
    await create();
    expect(world.requests).toMatchObject([
      {
        state: 'created',
        announced: true,
        imageId: 'ami-00000000000000001',
        instanceId: id,
        bake: { ...bake, baseImageId: BASE_IMAGE },
      },
    ]);
    expect(world.table.item('requests', 'image#ami-00000000000000001')).toMatchObject({ requestKey });
  });

  it('takes the next name where another request has this one', async () => {
    world.ec2.images.push(image({ name: NAME, tags: { 'amity:request-id': 'another' } }));
    expect(await create()).toEqual({ created: true });
    expect(world.bus.of('AmiCreated')).toMatchObject([
      { imageName: expect.stringMatching(new RegExp(`^${NAME}-[0-9a-f]{6}$`)) },
    ]);
  });

  it('takes the name of its attempt beside its own failed one', async () => {
    await create();
    for (const made of world.ec2.images) made.State = 'failed';
    world.knows({ attempt: 2 });
    expect(await create({ attempt: 2 })).toEqual({ created: true });
    expect(world.ec2.images.map(({ Name }) => Name)).toEqual([NAME, `${NAME}-r2`]);
  });
});

describe('later', () => {
  const later = () => {
    const error = ec2Error('SnapshotCreationPerVolumeRateExceeded');
    world.calls.faults = once({ when: 'before', how: 'throws', error }, { name: 'CreateImage' });
  };

  it('where EC2 says so: the workflow asks again', async () => {
    later();
    expect(await create()).toEqual({ created: false });
    expect(world.requests).toMatchObject([{ state: 'creating' }]);
    expect(await create()).toEqual({ created: true });
    expect(world.told).toEqual(['AmiCreated 1']);
  });

  it('where the time of this function is over', async () => {
    expect(await create({}, lambdaContext({ remainingMs: 14_000 }))).toEqual({ created: false });
    expect(world.ec2.creations).toEqual([]);
  });

  it('but not for longer than two hours after the builder’s own time', async () => {
    passes(2 * HOUR + 10 * MINUTE);
    later();
    expect(await create()).toEqual({ created: false });
    passes(1);
    later();
    expect(await create()).toEqual(
      failed('deadline-exceeded', expect.stringContaining('SnapshotCreationPerVolumeRateExceeded')),
    );
    expect(world.told).toEqual([]);
  });
});

describe('there will be none: the workflow tells why, once the builder is gone', () => {
  it.each([
    ['IncorrectInstanceState', 'builder-gone'],
    ['InvalidInstanceID.NotFound', 'builder-gone'],
    ['UnauthorizedOperation', 'access-denied'],
    ['ImageLimitExceeded', 'ec2-rejected'],
  ])('%s: %s', async (name, code) => {
    const error = ec2Error(name, `${name} happened`, 400);
    world.calls.faults = once({ when: 'before', how: 'throws', error }, { name: 'CreateImage' });
    expect(await create()).toEqual(failed(code));
    expect(world.requests).toMatchObject([{ state: 'creating' }]);
    expect(world.told).toEqual([]);
  });

  it('names the builder that was terminated', async () => {
    world.ec2.gone.add(id);
    expect(await create()).toEqual(failed('builder-gone', expect.stringContaining(id)));
  });

  it('where another attempt has begun', async () => {
    world.knows({ attempt: 2 });
    expect(await create()).toEqual(failed('bake-error', 'Another attempt has begun.'));
    expect(world.ec2.creations).toEqual([]);
  });

  it('where the request was given up meanwhile, in the same words', async () => {
    const failure = { code: 'image-failed', message: 'EC2 gave it up' } as const;
    world.knows({ state: 'failed', announced: true, failure });
    expect(await create()).toEqual(failed('image-failed', 'EC2 gave it up'));
    expect(world.ec2.creations).toEqual([]);
    expect(world.told).toEqual([]);
  });

  it('where the request is none of a bake: thrown', async () => {
    world.knows({ bake: undefined as never });
    await expect(create()).rejects.toThrow(requestKey);
  });
});

it('a mistake of ours is thrown', async () => {
  world.calls.faults = once(
    { when: 'before', how: 'throws', error: new TypeError('no function') },
    { name: 'CreateImage' },
  );
  await expect(create()).rejects.toThrow('no function');
});

it.each([{ startedAt: 'yesterday' }, { stoppedId: undefined }, { attempt: '1' }])(
  'a question that is none: %o',
  async (overrides) => {
    await expect(create(overrides)).rejects.toThrow();
  },
);
