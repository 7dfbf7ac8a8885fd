import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as createImage } from '../../../handlers/ami-requested/create-image.ts';
import { handler } from '../../../handlers/backup-job-state-change/request-image.ts';
import type { Envelope } from '../../../shared/events/event.ts';
import { everyCut, once } from '../../support/calls.ts';
import { DAY, HOUR, passes, stopClock } from '../../support/clock.ts';
import { envelope, example } from '../../support/events.ts';
import { MoveWorld, SOURCE } from '../../support/move-world.ts';
import { deliver } from '../../support/world.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

const scheduler = mockClient(SchedulerClient);
let world: MoveWorld;
beforeEach(() => {
  world = new MoveWorld();
  world.source.Tags?.push({ Key: 'amity:consistent', Value: 'true' });
  scheduler.reset();
});
const backedUp = (detail: object = {}): Envelope => {
  const { detail: known, ...rest } = example('aws/backup-job-state-change');
  return { ...rest, detail: { ...(known as object), ...detail } };
};
const complete = async (event = backedUp()) => expect(await deliver(handler, [event])).toEqual([]);
const retagged = (key: string, value?: string) => {
  const others = (world.source.Tags ?? []).filter(({ Key }) => Key !== key);
  world.source.Tags = [...others, ...(value === undefined ? [] : [{ Key: key, Value: value }])];
};

describe('a backup of an instance that is to be consistent', () => {
  it('asks for an image of that very instance, with a reboot, at once', async () => {
    await complete();
    expect(world.bus.published).toEqual([
      {
        type: 'AmiRequested',
        detail: {
          instanceName: 'service-api',
          instanceId: SOURCE,
          requestId: `backup-${SOURCE}-2025-06-05`,
          reason: 'Backup',
          noReboot: false,
        },
      },
    ]);
    expect(scheduler.calls()).toHaveLength(0);
  });

  it('is one request a day, however many backups and deliveries there are', async () => {
    const ids = async () => {
      await complete();
      return new Set(world.bus.published.map(({ detail }) => detail.requestId)).size;
    };
    expect(await ids()).toBe(1);
    passes(11 * HOUR);
    expect(await ids()).toBe(1);
    passes(HOUR);
    expect(await ids()).toBe(2);
    passes(DAY);
    expect(await ids()).toBe(3);
  });

  it('reboots the instance once a day: the second request is known', async () => {
    for (let times = 0; times < 3; times += 1) await complete();
    for (const { detail } of world.bus.published.slice()) {
      const event = envelope({ source: 'amity', detail, id: 'any' });
      await deliver(createImage, [event]);
      passes(HOUR);
    }
    expect(world.ec2.creations).toMatchObject([{ InstanceId: SOURCE, NoReboot: false }]);
    expect(world.bus.of('AmiCreated')).toHaveLength(1);
  });
});

describe('nothing is asked for', () => {
  const cases: [string, () => unknown][] = [
    ['without the tag', () => retagged('amity:consistent')],
    ['where the tag says no', () => retagged('amity:consistent', 'false')],
    ['where the instance is gone', () => world.ec2.instances.pop()],
    [
      'where it is stopped: that was consistent',
      () => Object.assign(world.source, { State: { Name: 'stopped' } }),
    ],
  ];
  it.each(cases)('%s', async (_, make) => {
    make();
    await complete();
    expect(world.bus.published).toEqual([]);
  });

  it.each([
    ['a volume', 'arn:aws:ec2:us-east-1:000000000000:volume/vol-0123456789abcdef0'],
    ['an image', 'arn:aws:ec2:us-east-1::image/ami-0123456789abcdef0'],
    ['a table', 'arn:aws:dynamodb:us-east-1:000000000000:table/web'],
  ])('for a backup of %s', async (_, resourceArn) => {
    await complete(backedUp({ resourceArn }));
    expect(world.calls.names).toEqual([]);
  });
});

it('an instance without a name is told as failed: its images would have none', async () => {
  retagged('Name');
  await complete();
  expect(world.bus.published).toMatchObject([
    {
      type: 'AmiFailed',
      detail: { code: 'invalid-request', message: expect.stringContaining('no Name tag') },
    },
  ]);
});

it('a member of a group is refused by whoever takes the request', async () => {
  retagged('aws:autoscaling:groupName', 'web');
  await complete();
  const [{ detail } = { detail: {} }] = world.bus.published;
  await deliver(createImage, [envelope({ source: 'amity', detail })]);
  expect(world.ec2.creations).toEqual([]);
  expect(world.bus.of('AmiFailed')).toMatchObject([{ code: 'auto-scaling-member' }]);
});

const CALLS = ['DescribeInstances', 'PutEvents'];
it.each(everyCut(CALLS))(
  '$how $when $name, then the event again: one request',
  async ({ number, ...cut }) => {
    world.calls.faults = once(cut, { number });
    await Promise.race([deliver(handler, [backedUp()]), world.calls.died]);
    await complete();
    expect(new Set(world.bus.entries.map(({ Detail }) => Detail)).size).toBe(1);
  },
);
