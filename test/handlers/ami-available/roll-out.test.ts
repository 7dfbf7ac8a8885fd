import { CreateLaunchTemplateVersionCommand } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/ami-available/roll-out.ts';
import { stopClock } from '../../support/clock.ts';
import { ami, available, POINTER, RolloutWorld, TEMPLATE } from '../../support/rollout-world.ts';
import { deliver } from '../../support/world.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: RolloutWorld;
beforeEach(() => {
  world = new RolloutWorld();
  world.has(1, 2);
});
const rollOut = async (name?: string) => expect(await deliver(handler, [available(name)])).toEqual([]);
const shown = (id = TEMPLATE) => world.templates.shown(id);
const made = () => world.inputs(CreateLaunchTemplateVersionCommand);

describe('a template that follows the name', () => {
  it('gets a version with the newest image, like its default, made the default', async () => {
    world.follower({ data: { InstanceType: 't3.small' } });
    await rollOut();
    expect(shown()).toEqual({ images: [ami(1), ami(2)], standard: 2 });
    expect(world.templates.versions(TEMPLATE)[1]).toMatchObject({
      VersionDescription: `amity: ${ami(2)}, request request-2, from version 1`,
      LaunchTemplateData: { InstanceType: 't3.small' },
    });
  });

  it('is told of, in the words of the contract', async () => {
    world.follower();
    await rollOut();
    expect(world.bus.published).toEqual([
      {
        type: 'AmiRolledOut',
        detail: {
          launchTemplateId: TEMPLATE,
          version: 2,
          imageId: ami(2),
          previousVersion: 1,
          previousImageId: ami(1),
          instanceName: 'service-api',
          requestId: 'request-2',
        },
      },
    ]);
    expect(world.bus.entries).toMatchObject([{ Source: 'amity', EventBusName: 'amity' }]);
  });

  it('is grown from its default version, not from its latest', async () => {
    world.follower({ data: { InstanceType: 't3.small' } });
    world.templates.grow(TEMPLATE, { InstanceType: 'm7g.large', ImageId: ami(1) });
    await rollOut();
    expect(shown().standard).toBe(3);
    expect(world.templates.versions(TEMPLATE)[2]?.LaunchTemplateData?.InstanceType).toBe('t3.small');
    expect(world.bus.of('AmiRolledOut')).toMatchObject([{ version: 3, previousVersion: 1 }]);
  });

  it('that had no image says so', async () => {
    world.follower({ data: { ImageId: undefined as never } });
    await rollOut();
    expect(world.bus.of('AmiRolledOut')[0]).not.toHaveProperty('previousImageId');
  });

  it('is one of several: each gets its own version, and is told of', async () => {
    for (const id of ['lt-0000000a', 'lt-0000000b']) world.follower({ id });
    await rollOut();
    for (const id of ['lt-0000000a', 'lt-0000000b']) expect(shown(id).standard).toBe(2);
    expect(world.bus.of('AmiRolledOut').map(({ launchTemplateId }) => launchTemplateId)).toEqual([
      'lt-0000000a',
      'lt-0000000b',
    ]);
  });

  it.each(['service-*', 'service-ap?', '*'])('%s is a name like another', async (name) => {
    world.follower();
    world.follower({ id: 'lt-0000000a', tags: { 'amity:follow': name } });
    await rollOut(name);
    expect(shown().standard).toBe(1);
    world.addImage(3, { tags: { 'amity:instance-name': name } });
    await rollOut(name);
    expect(shown().standard).toBe(1);
    expect(shown('lt-0000000a').images).toEqual([ami(1), ami(3)]);
  });
});

it('where nobody follows the name, nothing else is asked', async () => {
  world.follower({ tags: { 'amity:follow': 'service-worker' } });
  world.templates.add({ id: 'lt-0000000a', tags: { Name: 'service-api' } });
  await rollOut();
  expect(world.calls.names).toEqual(['DescribeLaunchTemplates']);
});

describe('security groups', () => {
  const groups = { 'amity:security-group-ids': ' sg-0000000b  sg-0000000c ' };
  const dataOf = (version: number) => world.templates.versions(TEMPLATE)[version - 1]?.LaunchTemplateData;
  const networkInterfaces = [
    { DeviceIndex: 0, AssociatePublicIpAddress: true, Groups: ['sg-0000000a'] },
    { DeviceIndex: 1, SubnetId: 'subnet-0000000a', Groups: ['sg-0000000a'] },
  ];

  it('are kept', async () => {
    world.follower({ data: { SecurityGroupIds: ['sg-0000000a'] } });
    await rollOut();
    expect(dataOf(2)?.SecurityGroupIds).toEqual(['sg-0000000a']);
    expect(made()[0]?.LaunchTemplateData).toEqual({ ImageId: ami(2) });
  });

  it('are those of the tag, where there is one', async () => {
    world.follower({ tags: groups, data: { SecurityGroupIds: ['sg-0000000a'] } });
    await rollOut();
    expect(dataOf(2)).toMatchObject({ SecurityGroupIds: ['sg-0000000b', 'sg-0000000c'] });
  });

  it('are kept with the network interfaces, where the version has those', async () => {
    world.follower({ data: { NetworkInterfaces: networkInterfaces } });
    await rollOut();
    expect(dataOf(2)?.NetworkInterfaces).toEqual(networkInterfaces);
  });

  it('of the tag are the network interfaces’, where the version has those; the rest of these stays', async () => {
    world.follower({ tags: groups, data: { NetworkInterfaces: networkInterfaces } });
    await rollOut();
    expect(shown().standard).toBe(2);
    expect(dataOf(2)).not.toHaveProperty('SecurityGroupIds');
    expect(dataOf(2)?.NetworkInterfaces).toEqual(
      networkInterfaces.map((each) => ({ ...each, Groups: ['sg-0000000b', 'sg-0000000c'] })),
    );
  });
});

describe('only ever forward', () => {
  const orders = [
    [1, 2, 3],
    [1, 3, 2],
    [2, 1, 3],
    [2, 3, 1],
    [3, 1, 2],
    [3, 2, 1],
  ];
  it.each(orders)('images available in the order %i, %i, %i', async (...order) => {
    world.ec2.images.length = 0;
    world.follower({ data: { ImageId: 'ami-0000000a' } });
    for (const number of order) {
      world.has(number);
      await rollOut();
    }
    const { images, standard } = shown();
    expect(images.at(-1)).toBe(ami(3));
    expect(standard).toBe(images.length);
    const versions = images.slice(1);
    expect(versions).toEqual(versions.toSorted());
    expect(world.bus.of('AmiRolledOut').map(({ imageId }) => imageId)).toEqual(versions);
  });

  it('events of a month, replayed, change nothing', async () => {
    world.follower();
    await rollOut();
    const changes = world.changes.length;
    for (let event = 0; event < 30; event += 1) await rollOut();
    expect(world.changes).toHaveLength(changes);
    expect(world.bus.published).toHaveLength(1);
  });

  it('two images of one second are told apart by their ids', async () => {
    world.addImage(3, { createdAt: '2025-05-02T12:00:00.000Z' });
    world.follower({ data: { ImageId: ami(3) } });
    await rollOut();
    expect(shown().standard).toBe(1);
  });

  it('a default whose image is gone is as old as it was when Amity set it', async () => {
    world.has(3);
    world.follower();
    await rollOut();
    world.deregister(3);
    await rollOut();
    expect(shown()).toEqual({ images: [ami(1), ami(3)], standard: 2 });
  });

  it('a default that another image of another account has is as old as EC2 says', async () => {
    world.addImage(9, { ownerId: '111111111111', tags: {} });
    world.follower({ data: { ImageId: ami(9) } });
    await rollOut();
    expect(shown().standard).toBe(1);
  });
});

describe('an image that is not followed', () => {
  const ours = { 'amity:instance-name': 'service-api' };
  it.each([
    ['pending', { state: 'pending' }],
    ['failed', { state: 'failed' }],
    ['disabled', { state: 'disabled' }],
    ['one that failed its validation', { tags: { ...ours, 'amity:failed': 'validate' } }],
    ['rejected', { tags: { ...ours, 'amity:rejected': 'incident' } }],
    ['of another name', { tags: { 'amity:instance-name': 'service-worker', Name: 'service-api' } }],
    ['of another account', { ownerId: '111111111111' }],
    ['a backup', { name: 'awsbackup_i-1', tags: { Name: 'service-api', 'aws:backup:source': 'i-1' } }],
  ])('%s', async (_, facts) => {
    world.has(3);
    world.follower({ data: { ImageId: ami(3) } });
    world.addImage(4, facts);
    await rollOut();
    expect(shown()).toEqual({ images: [ami(3)], standard: 1 });
  });
});

describe('an image that is followed all the same', () => {
  it.each([
    ['one that says its name itself', {}, { tags: { Name: 'service-api' } }],
    [
      'a backup, where the tag allows it',
      { 'amity:include-backups': 'true' },
      { name: 'AWSBACKUP_i-1', tags: { Name: 'service-api', 'aws:backup:source': 'i-1' } },
    ],
  ])('%s', async (_, tags, facts) => {
    world.follower({ tags });
    world.addImage(3, facts);
    await rollOut();
    expect(shown()).toEqual({ images: [ami(1), ami(3)], standard: 2 });
    expect(world.bus.of('AmiRolledOut')).toMatchObject([{ requestId: ami(3) }]);
  });
});

describe('a version that names a parameter', () => {
  it('follows by itself, where that is the name’s pointer', async () => {
    world.parameters.set(POINTER, ami(1));
    world.follower({ data: { ImageId: `resolve:ssm:${POINTER}` } });
    await rollOut();
    expect(world.changes).toEqual([]);
  });

  it('is as old as the image that the parameter holds', async () => {
    world.parameters.set('/golden', ami(2));
    world.follower({ data: { ImageId: 'resolve:ssm:/golden' } });
    await rollOut();
    expect(shown().standard).toBe(1);
    world.has(3);
    await rollOut();
    expect(shown()).toEqual({ images: ['resolve:ssm:/golden', ami(3)], standard: 2 });
    expect(world.bus.of('AmiRolledOut')).toMatchObject([{ previousImageId: ami(2) }]);
  });
});
