import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/ami-requested/create-image.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { once } from '../../support/calls.ts';
import { stopClock } from '../../support/clock.ts';
import { envelope, example, request, sqsRecord } from '../../support/events.ts';
import { instance } from '../../support/fake-ec2.ts';
import { deliver, World } from '../../support/world.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: World;
beforeEach(() => {
  world = new World();
});
const failures = () => world.bus.of('AmiFailed').map(({ code }) => code);

describe('one request', () => {
  it('makes the image with name and tags, on the snapshots too, in one call', async () => {
    expect(await deliver(handler, [example('ami-requested')])).toEqual([]);
    const tags = [
      { Key: 'commit', Value: '9fceb02' },
      { Key: 'amity:retention-days', Value: '30' },
      { Key: 'Name', Value: 'service-api-Deploy-2025-06-05_12_00' },
      { Key: 'Reason', Value: 'Deploy' },
      { Key: 'amity:instance-name', Value: 'service-api' },
      { Key: 'amity:request-id', Value: '5a1f5b0e-3c0b-4d7f-9a3e-2b6c1d7e8f90' },
    ];
    expect(world.ec2.creations).toEqual([
      {
        InstanceId: 'i-0123456789abcdef0',
        Name: 'service-api-Deploy-2025-06-05_12_00',
        NoReboot: true,
        TagSpecifications: [
          { ResourceType: 'image', Tags: tags },
          { ResourceType: 'snapshot', Tags: tags },
        ],
      },
    ]);
  });

  it('announces what it made, in the words of the contract', async () => {
    await deliver(handler, [example('ami-requested')]);
    expect(world.bus.published).toEqual([
      {
        type: 'AmiCreated',
        detail: {
          requestId: '5a1f5b0e-3c0b-4d7f-9a3e-2b6c1d7e8f90',
          attempt: 1,
          instanceName: 'service-api',
          imageId: 'ami-00000000000000001',
          imageName: 'service-api-Deploy-2025-06-05_12_00',
          region: 'us-east-1',
          instanceId: 'i-0123456789abcdef0',
          reason: 'Deploy',
          noReboot: true,
        },
      },
    ]);
    expect(world.bus.entries[0]).toMatchObject({ Source: 'amity', EventBusName: 'amity' });
  });

  it('does the same for a minimal event of another system', async () => {
    await deliver(handler, [envelope()]);
    expect(world.ec2.creations[0]).toMatchObject({
      Name: 'service-api-Deploy-2025-06-05_12_00',
      NoReboot: true,
    });
    expect(world.bus.of('AmiCreated')[0]).toMatchObject({
      requestId: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  it('takes the name from the time of the event, not from its own clock', async () => {
    await deliver(handler, [envelope({ time: '2024-02-29T23:59:59Z' })]);
    expect(world.ec2.creations[0]?.Name).toBe('service-api-Deploy-2024-02-29_23_59');
  });

  it('reboots when a request of this account says so', async () => {
    await deliver(handler, [request({ noReboot: false })]);
    expect(world.ec2.creations[0]?.NoReboot).toBe(false);
    expect(world.bus.of('AmiCreated')[0]?.noReboot).toBe(false);
  });

  it('refuses a reboot to another account', async () => {
    await deliver(handler, [request({ noReboot: false }, { account: '111122223333' })]);
    expect(failures()).toEqual(['reboot-not-allowed']);
    expect(world.ec2.creations).toEqual([]);
  });

  it('records the request as created, with its image', async () => {
    await deliver(handler, [example('ami-requested')]);
    expect(world.requests).toMatchObject([
      { state: 'created', attempt: 1, imageId: 'ami-00000000000000001', announced: true },
    ]);
  });
});

describe('the instance', () => {
  it('is the oldest running one, ties by id, and never a stopped one', async () => {
    world.ec2.instances = [
      instance({ id: 'i-c', launchedAt: '2025-03-01T00:00:00Z' }),
      instance({ id: 'i-b', launchedAt: '2025-02-01T00:00:00Z' }),
      instance({ id: 'i-a', launchedAt: '2025-02-01T00:00:00Z' }),
      instance({ id: 'i-0', launchedAt: '2025-01-01T00:00:00Z', state: 'stopped' }),
    ];
    await deliver(handler, [envelope()]);
    expect(world.ec2.creations.map(({ InstanceId }) => InstanceId)).toEqual(['i-a']);
  });

  it.each(['service-*', 'service-ap?', '*', 'service-api\\'])(
    '"%s" matches nothing else',
    async (instanceName) => {
      await deliver(handler, [request({ instanceName })]);
      expect(failures()).toEqual(['no-running-instance']);
      expect(world.ec2.creations).toEqual([]);
    },
  );

  it('is found by a name that holds wildcards itself, and no other is', async () => {
    world.ec2.instances = [
      instance({ id: 'i-other', name: 'service-api', launchedAt: '2024-01-01T00:00:00Z' }),
      instance({ id: 'i-star', name: 'service-*' }),
    ];
    await deliver(handler, [request({ instanceName: 'service-*' })]);
    expect(world.ec2.creations.map(({ InstanceId }) => InstanceId)).toEqual(['i-star']);
  });

  it('that ended between list and create gives way to the next oldest', async () => {
    world.ec2.instances = [
      instance({ id: 'i-old', launchedAt: '2025-01-01T00:00:00Z' }),
      instance({ id: 'i-new', launchedAt: '2025-02-01T00:00:00Z' }),
    ];
    world.ec2.gone.add('i-old');
    await deliver(handler, [envelope()]);
    expect(world.bus.of('AmiCreated')).toMatchObject([{ instanceId: 'i-new' }]);
  });

  it('that was the last one ends the request in words', async () => {
    world.ec2.gone.add('i-0123456789abcdef0');
    await deliver(handler, [envelope()]);
    expect(world.bus.of('AmiFailed')).toMatchObject([
      {
        code: 'no-running-instance',
        instanceName: 'service-api',
        message: expect.stringContaining('"service-api"'),
      },
    ]);
  });

  it('with an instance store cannot be imaged, and is named', async () => {
    world.ec2.instances = [instance({ id: 'i-store', rootDeviceType: 'instance-store' })];
    await deliver(handler, [envelope()]);
    expect(world.bus.of('AmiFailed')).toMatchObject([
      { code: 'instance-store-backed', message: expect.stringContaining('i-store') },
    ]);
  });
});

describe('a batch', () => {
  const names = ['service-a', 'service-b', 'service-c'];

  it('describes all its instances in one call, and every page of the answer', async () => {
    world.ec2.instances = names.map((name, index) => instance({ id: `i-${index}`, name }));
    world.ec2.pageSize = 1;
    await deliver(
      handler,
      names.map((instanceName) => request({ instanceName })),
    );
    expect(world.bus.of('AmiCreated').map(({ instanceName }) => instanceName)).toEqual(names);
    expect(world.calls.count('DescribeInstances')).toBe(3);

    world.ec2.pageSize = 1000;
    await deliver(
      handler,
      names.map((instanceName) => request({ instanceName, reason: 'Again' })),
    );
    expect(world.calls.count('DescribeInstances')).toBe(4);
  });

  it('goes on with the siblings when one name fails', async () => {
    world.ec2.instances = [
      instance({ id: 'i-a', name: 'service-a' }),
      instance({ id: 'i-c', name: 'service-c' }),
    ];
    const again = await deliver(
      handler,
      names.map((instanceName) => request({ instanceName })),
    );
    expect(again).toEqual([]);
    expect(world.bus.published.map(({ type, detail }) => [type, detail.instanceName])).toEqual([
      ['AmiCreated', 'service-a'],
      ['AmiFailed', 'service-b'],
      ['AmiCreated', 'service-c'],
    ]);
  });

  it('tries again only the message whose call went wrong', async () => {
    world.ec2.instances = names.map((name) => instance({ id: `i-${name}`, name }));
    world.calls.faults = once({ when: 'before', how: 'throws' }, { name: 'TransactWrite' });
    const messages = names.map((instanceName) =>
      sqsRecord(request({ instanceName }), { messageId: instanceName }),
    );
    expect(await deliver(handler, messages)).toEqual(['service-a']);
    expect(world.queue.hidden.map(({ handle }) => handle)).toEqual(['handle-of-service-a']);
  });

  it('waits as a whole when the instances cannot be read', async () => {
    world.calls.faults = once(
      { when: 'before', how: 'throws', error: ec2Error('RequestLimitExceeded') },
      { name: 'DescribeInstances' },
    );
    const messages = ['one', 'two'].map((messageId) =>
      sqsRecord(request({ requestId: messageId }), { messageId }),
    );
    expect(await deliver(handler, messages)).toEqual(['one', 'two']);
    expect(world.ec2.creations).toEqual([]);
    expect(await deliver(handler, messages)).toEqual([]);
    expect(world.bus.of('AmiCreated')).toHaveLength(2);
  });
});
