import {
  CreateSecurityGroupCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  EC2Client,
  type Instance,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { untilAws } from '../support/bakes.ts';
import { announced, cardsAbout, imagesOf, seen, settle, until } from '../support/flow.ts';
import { KEY, LISTED, session, subnets } from '../support/move-session.ts';
import {
  endsOf,
  imageRequestsOf,
  likenessesOf,
  moveRequest,
  requestMove,
  runSource,
  stateOf,
  untilEnd,
  untilStarted,
} from '../support/moves.ts';
import { put } from '../support/put.ts';

const ec2 = () => new EC2Client(session.aws.clientConfig);

/** An instance about which everything is chosen. */
async function runParticular(name: string): Promise<string> {
  const { imageId } = await session.aws.control.addImage({ name: `base of ${name}`, snapshots: 2 });
  const { GroupId = '' } = await ec2().send(
    new CreateSecurityGroupCommand({ GroupName: name, Description: name }),
  );
  const { Instances = [] } = await ec2().send(
    new RunInstancesCommand({
      MinCount: 1,
      MaxCount: 1,
      ImageId: imageId,
      InstanceType: 'm5.large',
      SubnetId: subnets.home,
      SecurityGroupIds: [GroupId],
      IamInstanceProfile: { Name: LISTED },
      KeyName: KEY,
      UserData: Buffer.from('#!/bin/sh\necho particular\n').toString('base64'),
      EbsOptimized: true,
      Monitoring: { Enabled: true },
      MetadataOptions: {
        HttpEndpoint: 'enabled',
        HttpTokens: 'required',
        HttpPutResponseHopLimit: 3,
        InstanceMetadataTags: 'enabled',
      },
      BlockDeviceMappings: [
        {
          DeviceName: '/dev/xvda',
          Ebs: { VolumeType: 'gp3', Iops: 4000, Throughput: 250, DeleteOnTermination: false },
        },
        { DeviceName: '/dev/sdf', Ebs: { VolumeType: 'io2', Iops: 5000, VolumeSize: 20 } },
      ],
      TagSpecifications: [
        {
          ResourceType: 'instance',
          Tags: [
            { Key: 'Name', Value: name },
            { Key: 'team', Value: 'payments' },
          ],
        },
      ],
    }),
  );
  const id = Instances[0]?.InstanceId ?? '';
  await untilAws(`${id} runs`, async () => (await stateOf(id)).state === 'running');
  return id;
}

/** What one instance is to have of another one. */
async function likeness(id: string) {
  const { Reservations } = await ec2().send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  const instance: Instance = Reservations?.[0]?.Instances?.[0] ?? {};
  const { UserData } = await ec2().send(
    new DescribeInstanceAttributeCommand({ InstanceId: id, Attribute: 'userData' }),
  );
  const VolumeIds = instance.BlockDeviceMappings?.map(({ Ebs }) => Ebs?.VolumeId ?? '');
  const { Volumes = [] } = await ec2().send(new DescribeVolumesCommand({ VolumeIds }));
  const { InstanceType, KeyName, EbsOptimized, Monitoring, MetadataOptions, SecurityGroups } = instance;
  return {
    instance,
    alike: {
      ...{ InstanceType, KeyName, EbsOptimized, Monitoring, MetadataOptions, SecurityGroups },
      profile: instance.IamInstanceProfile?.Arn,
      userData: UserData?.Value,
      disks: Volumes.map(({ VolumeType, Iops, Throughput, Size, Attachments = [] }) => ({
        ...{ VolumeType, Iops, Throughput, Size },
        device: Attachments[0]?.Device,
        goesWithIt: Attachments[0]?.DeleteOnTermination,
      })),
    },
    tags: Object.fromEntries((instance.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
  };
}

describe.concurrent('an instance that is to be moved', () => {
  it('is imaged with a reboot, started again in the other zone as it was, and runs on', async () => {
    const name = 'particular';
    const source = await runParticular(name);
    const before = await likeness(source);
    await requestMove(source);
    const moved = await untilEnd(source);

    const [image, ...more] = await imagesOf(session, name);
    expect(more).toEqual([]);
    expect(moved).toEqual({
      sourceInstanceId: source,
      instanceId: expect.stringMatching(/^i-/),
      imageId: image?.imageId,
      instanceName: name,
      subnetId: subnets.other,
      sourceStopped: false,
      requestId: `move-${source}`,
    });
    expect(image?.tags).toMatchObject({ Reason: 'Move', 'amity:instance-name': name });
    expect(image?.name).toMatch(/^particular-Move-/);
    expect(announced(session, 'AmiAvailable', name)).toMatchObject([
      { instanceId: source, imageId: image?.imageId, reason: 'Move', noReboot: false },
    ]);
    expect(await stateOf(source)).toMatchObject({ state: 'running', reboots: 1 });

    const after = await likeness(moved.instanceId ?? '');
    expect(after.alike).toEqual(before.alike);
    expect(after.alike).toMatchObject({
      InstanceType: 'm5.large',
      profile: expect.stringContaining(LISTED),
      Monitoring: { State: 'enabled' },
      userData: Buffer.from('#!/bin/sh\necho particular\n').toString('base64'),
      disks: [{ VolumeType: 'gp3', Throughput: 250, goesWithIt: false }, { VolumeType: 'io2' }],
    });
    expect(after.tags).toEqual({ ...before.tags, 'amity:moved-from': source });
    expect(before.instance.Placement?.AvailabilityZone).toBe('us-east-1a');
    expect(after.instance).toMatchObject({
      ImageId: image?.imageId,
      SubnetId: subnets.other,
      Placement: { AvailabilityZone: 'us-east-1b' },
      State: { Name: 'running' },
    });
    const card = await until('the card', () => cardsAbout(session, `${source}, which runs on`)[0]);
    expect(card.body).toContain('Instance Has Been Moved.');
  });

  it('is stopped, if that is asked for, and only once the new one has passed its status checks', async () => {
    const name = 'stopped-late';
    const { services, calls } = await held(name, 'initializing');
    const source = await runSource(name);
    await requestMove(source, { stopSource: true });
    const instanceId = await untilStarted(source);
    await untilLooked(instanceId, 2);
    await services.setStatusChecks('impaired', { instance: name });
    await untilLooked(instanceId, 2);
    expect((await stateOf(source)).state).toBe('running');
    expect((await calls('StopInstances')).filter(({ params }) => params['InstanceId.1'] === source)).toEqual(
      [],
    );
    expect(endsOf(source)).toEqual([]);

    await services.setStatusChecks('ok', { instance: name });
    expect(await untilEnd(source)).toMatchObject({ instanceId, sourceStopped: true });
    await untilAws('the source is stopped', async () => (await stateOf(source)).state === 'stopped');
    expect((await stateOf(instanceId)).state).toBe('running');
    await until('the card', () => cardsAbout(session, `${source}, which is stopped`)[0]);
  });

  it('runs on when the new one ends before it is healthy, which is told with its name', async () => {
    const name = 'stillborn';
    await held(name, 'initializing');
    const source = await runSource(name);
    await requestMove(source, { stopSource: true });
    const instanceId = await untilStarted(source);
    await untilLooked(instanceId, 1);
    await session.aws.control.changeInstance(instanceId, { state: 'stopped' });
    expect(await untilEnd(source)).toMatchObject({
      code: 'unhealthy',
      instanceId,
      imageId: expect.stringMatching(/^ami-/),
      instanceName: name,
      subnetId: subnets.other,
    });
    expect((await stateOf(source)).state).toBe('running');
    const card = await until('the card', () => cardsAbout(session, `${instanceId}, which stays`)[0]);
    expect(card.body).toContain(`From: ${source}, which runs on`);
  });

  it('twice by one request id is moved once, and without one has a request id all the same', async () => {
    const [named, nameless] = [await runSource('twice'), await runSource('nameless-request')];
    const once = moveRequest(named);
    await put(session, once, once, moveRequest(nameless, { requestId: undefined }));
    await untilEnd(named);
    expect((await untilEnd(nameless)).requestId).toMatch(/^[0-9a-f]{32}$/);
    await put(session, once);
    await settle(3);
    expect(endsOf(named)).toHaveLength(1);
    expect(await likenessesOf(named)).toHaveLength(1);
    expect(imageRequestsOf(named)).toHaveLength(1);
    expect(await stateOf(named)).toMatchObject({ reboots: 1, state: 'running' });
  });

  it('by another request is moved again, as it is now', async () => {
    const source = await runSource('again');
    await requestMove(source, { requestId: 'again-1' });
    const first = await untilEnd(source);
    await requestMove(first.instanceId ?? '', { requestId: 'again-2', subnetId: subnets.home });
    const second = await untilEnd(first.instanceId ?? '');
    const { tags } = await likeness(second.instanceId ?? '');
    expect(tags).toEqual({ Name: 'again', 'amity:moved-from': first.instanceId });
    expect(seen(session, 'AmiMoved').filter(({ instanceName }) => instanceName === 'again')).toHaveLength(2);
  });
});

async function held(name: string, status: 'initializing') {
  const { control } = session.aws;
  await control.services.setStatusChecks(status, { instance: name });
  return {
    services: control.services,
    calls: (action: string) => control.calls({ service: 'ec2', action }),
  };
}

/** Waits until the workflow has looked at the checks of an instance so many times more. */
async function untilLooked(instanceId: string, times: number): Promise<void> {
  const looks = async () =>
    (await session.aws.control.calls({ service: 'ec2', action: 'DescribeInstanceStatus' })).filter(
      ({ params }) => params['InstanceId.1'] === instanceId,
    ).length;
  const before = await looks();
  await untilAws(`${instanceId} is looked at`, async () => (await looks()) >= before + times);
}
