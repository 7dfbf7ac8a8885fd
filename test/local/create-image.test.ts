import { CreateImageCommand, DescribeSnapshotsCommand, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, it, vi } from 'vitest';
import { createImage, describeImage, errorOf, imageName, untilState, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws();
const tags = (count: number) => Array.from({ length: count }, (_, i) => ({ Key: `k${i}`, Value: 'v' }));

describe('CreateImage', () => {
  it('makes a pending image that becomes available with a snapshot of every volume', async () => {
    const { instanceId, volumeIds } = await suite.aws.control.startInstance({ extraVolumes: 2 });
    const id = await createImage(suite, { InstanceId: instanceId, Name: imageName('a') });
    const pending = await describeImage(suite, id);
    expect(pending).toMatchObject({
      State: 'pending',
      SourceInstanceId: instanceId,
      OwnerId: '000000000000',
    });
    expect(pending.CreationDate).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(pending.BlockDeviceMappings).toHaveLength(3);
    const available = await untilState(suite, id, 'available');
    const SnapshotIds = (available.BlockDeviceMappings ?? []).map((each) => String(each.Ebs?.SnapshotId));
    const { Snapshots = [] } = await suite.ec2.send(new DescribeSnapshotsCommand({ SnapshotIds }));
    expect(Snapshots.map((each) => each.State)).toEqual(['completed', 'completed', 'completed']);
    expect(new Set(Snapshots.map((each) => each.VolumeId))).toEqual(new Set(volumeIds));
    expect(Snapshots[0]?.Description).toBe(`Created by CreateImage(${instanceId}) for ${id}`);
  });

  it('tags the image and every snapshot in the same call', async () => {
    const { instanceId } = await suite.aws.control.startInstance({ extraVolumes: 1 });
    const id = await createImage(suite, {
      InstanceId: instanceId,
      TagSpecifications: [
        { ResourceType: 'image', Tags: [{ Key: 'Reason', Value: 'Deploy' }] },
        { ResourceType: 'snapshot', Tags: [{ Key: 'Reason', Value: 'snap' }] },
      ],
    });
    expect((await describeImage(suite, id)).Tags).toEqual([{ Key: 'Reason', Value: 'Deploy' }]);
    const { Snapshots = [] } = await suite.ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
    expect(Snapshots.map((each) => each.Tags)).toEqual([
      [{ Key: 'Reason', Value: 'snap' }],
      [{ Key: 'Reason', Value: 'snap' }],
    ]);
  });

  it('refuses a name in use until its image is deregistered', async () => {
    const Name = imageName();
    const id = await createImage(suite, { Name });
    const again = await errorOf(createImage(suite, { Name }));
    expect(again).toEqual({
      name: 'InvalidAMIName.Duplicate',
      message: `AMI name ${Name} is already in use by AMI ${id}`,
    });
  });

  it.each([['ab'], ['a'.repeat(129)], ['name:colon'], ['näme'], ['star*'], ['comma,']])(
    'refuses the name %s',
    async (Name) => {
      expect((await errorOf(createImage(suite, { Name }))).name).toBe('InvalidAMIName.Malformed');
    },
  );

  it.each([['abc'], ['a'.repeat(128)], ["a()[] ./-'@_9"]])('takes the name %s', async (Name) => {
    await createImage(suite, { Name });
  });

  it.each([
    [
      'another resource type',
      [{ ResourceType: 'instance' as const, Tags: tags(1) }],
      'InvalidParameterValue',
    ],
    ['51 tags', [{ ResourceType: 'image' as const, Tags: tags(51) }], 'TagLimitExceeded'],
    [
      'aws: tags',
      [{ ResourceType: 'image' as const, Tags: [{ Key: 'aws:x', Value: '' }] }],
      'InvalidParameterValue',
    ],
    ['no tags', [{ ResourceType: 'image' as const, Tags: [] }], 'InvalidParameterValue'],
  ])('refuses %s', async (_, TagSpecifications, code) => {
    expect((await errorOf(createImage(suite, { TagSpecifications }))).name).toBe(code);
  });

  it.each([
    ['i-0123456789abcdef0', 'InvalidInstanceID.NotFound', /does not exist/],
    ['i-nonsense', 'InvalidInstanceID.Malformed', /i-nonsense/],
  ])('refuses the instance %s', async (InstanceId, name, message) => {
    const error = await errorOf(createImage(suite, { InstanceId }));
    expect(error).toEqual({ name, message: expect.stringMatching(message) });
  });

  it.each(['terminated', 'shutting-down', 'pending'] as const)(
    'refuses an instance that is %s',
    async (state) => {
      const { instanceId: InstanceId } = await suite.aws.control.startInstance({ state });
      expect(await errorOf(createImage(suite, { InstanceId }))).toEqual({
        name: 'InvalidParameterValue',
        message: `Invalid value '${InstanceId}' for instanceId. Instance is not in state 'running' or 'stopping' or 'stopped'`,
      });
    },
  );

  it('images a stopped instance, but none on instance store', async () => {
    const stopped = await suite.aws.control.startInstance({ state: 'stopped' });
    await createImage(suite, { InstanceId: stopped.instanceId });
    const store = await suite.aws.control.startInstance({ rootDeviceType: 'instance-store' });
    const error = await errorOf(createImage(suite, { InstanceId: store.instanceId }));
    expect(error).toMatchObject({ name: 'InvalidParameterValue', message: expect.stringContaining('root') });
  });

  it('reboots a running instance unless it is told not to', async () => {
    const { instanceId: InstanceId } = await suite.aws.control.startInstance();
    await createImage(suite, { InstanceId, NoReboot: true });
    expect(await suite.aws.control.instances()).toMatchObject([{ reboots: 0 }]);
    await suite.ec2.send(new CreateImageCommand({ InstanceId, Name: imageName() }));
    expect(await suite.aws.control.instances()).toMatchObject([{ reboots: 1 }]);
  });

  it('keeps to the quotas of snapshots', async () => {
    const { instanceId: InstanceId } = await suite.aws.control.startInstance();
    await suite.aws.control.setPending(null);
    await suite.aws.control.setQuotas({ pending: 6, pendingPerVolume: 2 });
    await createImage(suite, { InstanceId });
    await createImage(suite, { InstanceId });
    const perVolume = await errorOf(createImage(suite, { InstanceId }));
    expect(perVolume.name).toBe('ConcurrentSnapshotLimitExceeded');
    await suite.aws.control.setQuotas({ pending: 2, pendingPerVolume: null });
    const perRegion = await errorOf(createImage(suite, { InstanceId }));
    expect(perRegion.name).toBe('PendingSnapshotLimitExceeded');
    await suite.aws.control.setQuotas({ pending: null, secondsBetween: 15 });
    const tooSoon = await errorOf(createImage(suite, { InstanceId }));
    expect(tooSoon.name).toBe('SnapshotCreationPerVolumeRateExceeded');
  });
});

describe('RunInstances', () => {
  it('starts only from an image that is available', async () => {
    const run = (ImageId: string) =>
      suite.ec2.send(
        new RunInstancesCommand({ ImageId, MinCount: 1, MaxCount: 1, InstanceType: 't3.micro' }),
      );
    await suite.aws.control.setPending(null);
    const pending = await createImage(suite);
    expect((await errorOf(run(pending))).name).toBe('InvalidAMIID.Unavailable');
    expect((await errorOf(run('ami-0123456789abcdef0'))).name).toBe('InvalidAMIID.NotFound');
    await suite.aws.control.changeImage(pending, { state: 'available' });
    const { Instances = [] } = await run(pending);
    expect(Instances).toMatchObject([{ ImageId: pending }]);
    const started = { InstanceId: String(Instances[0]?.InstanceId) };
    expect((await errorOf(createImage(suite, started))).message).toContain("not in state 'running'");
    await vi.waitFor(() => createImage(suite, started), { timeout: 5000, interval: 100 });
  });
});
