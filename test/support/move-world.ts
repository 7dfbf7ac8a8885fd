import * as ec2 from '@aws-sdk/client-ec2';
import type { Move } from '../../shared/aws/move/input.ts';
import type { RequestRecord } from '../../shared/domain/request.ts';
import { ec2Error } from './aws-errors.ts';
import { FakeBuilders } from './fake-builders.ts';
import { record } from './request-record.ts';
import { ami, RolloutWorld } from './rollout-world.ts';

export const SOURCE = 'i-0123456789abcdef0';
/** In the source's VPC; `subnet-0000000c` is in another one. */
export const SUBNET = 'subnet-0000000b';

/** What the workflow of a move is started with. */
export const move = (overrides: Partial<Move> = {}): Move => ({
  requestId: 'leave-us-east-1a',
  sourceInstanceId: SOURCE,
  subnetId: SUBNET,
  stopSource: false,
  imageRequestId: 'move-one',
  ...overrides,
});

/** Everything that moves touch, in memory: an instance with all that there is to be taken along. */
export class MoveWorld extends RolloutWorld {
  readonly builders = new FakeBuilders(this.calls, this.ec2);
  /** What instances were started with, in base64. */
  readonly userData = new Map([[SOURCE, 'IyEvYmluL3No']]);
  /** What the checks of an instance say, of itself and of its host. */
  readonly checks = new Map<string, [instance: ec2.SummaryStatus, system: ec2.SummaryStatus]>();
  readonly source: ec2.Instance = {
    InstanceId: SOURCE,
    State: { Name: 'running' },
    RootDeviceType: 'ebs',
    InstanceType: 'm7i.large',
    KeyName: 'ops',
    VpcId: 'vpc-0000000a',
    SubnetId: 'subnet-0000000a',
    PrivateIpAddress: '10.0.0.7',
    EbsOptimized: true,
    Monitoring: { State: 'enabled' },
    Placement: { AvailabilityZone: 'us-east-1a', Tenancy: 'default' },
    SecurityGroups: [{ GroupId: 'sg-0000000a', GroupName: 'web' }, { GroupId: 'sg-0000000b' }],
    IamInstanceProfile: { Arn: 'arn:aws:iam::000000000000:instance-profile/app/web-profile', Id: 'AIPA1' },
    MetadataOptions: { State: 'applied', HttpTokens: 'required', HttpPutResponseHopLimit: 2 },
    BlockDeviceMappings: [
      { DeviceName: '/dev/xvda', Ebs: { VolumeId: 'vol-0000000a', DeleteOnTermination: true } },
      { DeviceName: '/dev/sdf', Ebs: { VolumeId: 'vol-0000000b', DeleteOnTermination: false } },
    ],
    Tags: [
      { Key: 'Name', Value: 'service-api' },
      { Key: 'team', Value: 'platform' },
      { Key: 'aws:cloudformation:stack-name', Value: 'web' },
      { Key: 'amity:moved-from', Value: 'i-0000000000000000f' },
    ],
  };
  volumes: ec2.Volume[] = [
    { VolumeId: 'vol-0000000a', VolumeType: 'gp3', Size: 8, Iops: 3000, Throughput: 250, Encrypted: true },
    { VolumeId: 'vol-0000000b', VolumeType: 'gp2', Size: 100, Iops: 300 },
  ];

  constructor() {
    super();
    this.ec2.instances = [this.source];
    this.ec2.mock
      .on(ec2.DescribeInstanceAttributeCommand)
      .callsFake(({ InstanceId = '' }: ec2.DescribeInstanceAttributeCommandInput) =>
        this.calls.through('DescribeInstanceAttribute', () => {
          this.#instance(InstanceId);
          return { UserData: { Value: this.userData.get(InstanceId) } };
        }),
      )
      .on(ec2.DescribeVolumesCommand)
      .callsFake(({ VolumeIds = [] }: ec2.DescribeVolumesCommandInput) =>
        this.calls.through('DescribeVolumes', () => {
          const Volumes = this.volumes.filter(({ VolumeId = '' }) => VolumeIds.includes(VolumeId));
          if (Volumes.length < VolumeIds.length) throw ec2Error('InvalidVolume.NotFound');
          return { Volumes };
        }),
      )
      .on(ec2.DescribeInstanceStatusCommand)
      .callsFake(
        ({ InstanceIds: [id = ''] = [], IncludeAllInstances }: ec2.DescribeInstanceStatusCommandInput) =>
          this.calls.through('DescribeInstanceStatus', () => {
            const { State } = this.#instance(id);
            if (State?.Name !== 'running' && !IncludeAllInstances) return { InstanceStatuses: [] };
            const [instance, system] = this.checks.get(id) ?? ['initializing', 'initializing'];
            return {
              InstanceStatuses: [
                {
                  InstanceState: State,
                  InstanceStatus: { Status: instance },
                  SystemStatus: { Status: system },
                },
              ],
            };
          }),
      );
  }

  /** How far the request for the source's image has come. */
  requested(overrides: Partial<RequestRecord> = {}): void {
    const key = 'request#000000000000#amity#move-one';
    const known = record({ key, state: 'available', imageId: ami(1), announced: true, ...overrides });
    this.table.items.set(`requests/${key}`, JSON.parse(JSON.stringify(known)));
  }

  #instance(id: string): ec2.Instance {
    const found = this.ec2.instances.find(({ InstanceId }) => InstanceId === id);
    if (!found) throw ec2Error('InvalidInstanceID.NotFound');
    return found;
  }
}
