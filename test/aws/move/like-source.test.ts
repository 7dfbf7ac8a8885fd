import type { Instance, Volume } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Likeness, likeSource } from '../../../shared/aws/move/like-source.ts';
import { MoveWorld, SOURCE, SUBNET } from '../../support/move-world.ts';

let world: MoveWorld;
beforeEach(() => {
  world = new MoveWorld();
});
const like = (source: Partial<Instance> = {}, overrides: Partial<Likeness> = {}) =>
  likeSource({
    source: { ...world.source, ...source },
    volumes: world.volumes,
    userData: 'IyEvYmluL3No',
    imageId: 'ami-00000001',
    subnetId: SUBNET,
    clientToken: 'token',
    ...overrides,
  });

it('passes all that makes the source what it is, and nothing else', () => {
  const from = { Key: 'amity:moved-from', Value: SOURCE };
  expect(like()).toEqual({
    MinCount: 1,
    MaxCount: 1,
    ClientToken: 'token',
    ImageId: 'ami-00000001',
    SubnetId: SUBNET,
    InstanceType: 'm7i.large',
    KeyName: 'ops',
    SecurityGroupIds: ['sg-0000000a', 'sg-0000000b'],
    IamInstanceProfile: { Arn: 'arn:aws:iam::000000000000:instance-profile/app/web-profile' },
    UserData: 'IyEvYmluL3No',
    EbsOptimized: true,
    Monitoring: { Enabled: true },
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2 },
    BlockDeviceMappings: [
      {
        DeviceName: '/dev/xvda',
        Ebs: { DeleteOnTermination: true, VolumeType: 'gp3', Iops: 3000, Throughput: 250 },
      },
      { DeviceName: '/dev/sdf', Ebs: { DeleteOnTermination: false, VolumeType: 'gp2' } },
    ],
    TagSpecifications: [
      {
        ResourceType: 'instance',
        Tags: [{ Key: 'Name', Value: 'service-api' }, { Key: 'team', Value: 'platform' }, from],
      },
      { ResourceType: 'volume', Tags: [from] },
      { ResourceType: 'network-interface', Tags: [from] },
    ],
  });
});

describe('volumes', () => {
  const ebs = (volume: Partial<Volume>) => {
    const mapping = { DeviceName: '/dev/xvda', Ebs: { VolumeId: 'vol-1', DeleteOnTermination: true } };
    const volumes = [{ VolumeId: 'vol-1', ...volume }];
    return like({ BlockDeviceMappings: [mapping] }, { volumes }).BlockDeviceMappings?.[0]?.Ebs;
  };

  it.each<[Partial<Volume>, object]>([
    [{ VolumeType: 'gp2', Iops: 300 }, {}],
    [
      { VolumeType: 'gp3', Iops: 3000, Throughput: 125 },
      { Iops: 3000, Throughput: 125 },
    ],
    [{ VolumeType: 'io1', Iops: 500 }, { Iops: 500 }],
    [{ VolumeType: 'io2', Iops: 500, Throughput: 1 }, { Iops: 500 }],
    [{ VolumeType: 'st1', Throughput: 40 }, {}],
  ])('%o have the rate that can be chosen, and no other', (volume, rate) => {
    expect(ebs(volume)).toEqual({ DeleteOnTermination: true, VolumeType: volume.VolumeType, ...rate });
  });

  it('have size, key and snapshot of the image: these are not said again', () => {
    const told = ebs({ VolumeType: 'gp3', Size: 8, Encrypted: true, KmsKeyId: 'key', SnapshotId: 'snap-1' });
    expect(Object.keys(told ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/Size|Encrypted|Kms|Snapshot/)]),
    );
  });

  it('that are not known are as the image has them', () => {
    const Ebs = { VolumeId: 'vol-9', DeleteOnTermination: false };
    const [mapping] =
      like({ BlockDeviceMappings: [{ DeviceName: '/dev/sdg', Ebs }] }).BlockDeviceMappings ?? [];
    expect(JSON.parse(JSON.stringify(mapping))).toEqual({
      DeviceName: '/dev/sdg',
      Ebs: { DeleteOnTermination: false },
    });
  });
});

describe('what there is not', () => {
  it('is not passed', () => {
    const bare = like(
      { IamInstanceProfile: undefined, KeyName: undefined, MetadataOptions: undefined, Tags: undefined },
      { userData: undefined },
    );
    expect(Object.keys(JSON.parse(JSON.stringify(bare)))).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/IamInstanceProfile|KeyName|MetadataOptions|UserData/)]),
    );
    expect(bare.TagSpecifications?.[0]?.Tags).toEqual([{ Key: 'amity:moved-from', Value: SOURCE }]);
  });

  it.each([
    ['enabled', true],
    ['pending', true],
    ['disabled', false],
    ['disabling', false],
  ] as const)('monitoring that is %s: %s', (State, Enabled) => {
    expect(like({ Monitoring: { State } }).Monitoring).toEqual({ Enabled });
  });

  it.each([
    ['default', undefined],
    ['dedicated', { Tenancy: 'dedicated' }],
  ] as const)('of its placement, the tenancy alone is taken along: %s', (Tenancy, placement) => {
    const Placement = { AvailabilityZone: 'us-east-1a', GroupName: 'cluster', Tenancy };
    expect(like({ Placement }).Placement).toEqual(placement);
  });
});

it('an instance that was moved before says the last move alone, and no tag of AWS', () => {
  const tags = {
    'aws:ec2launchtemplate:id': 'lt-1',
    'amity:moved-from': 'i-0',
    'amity:moved-to': 'i-9',
    'amity:consistent': 'true',
  };
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  expect(like({ Tags }).TagSpecifications?.[0]?.Tags).toEqual([
    { Key: 'amity:consistent', Value: 'true' },
    { Key: 'amity:moved-from', Value: SOURCE },
  ]);
});
