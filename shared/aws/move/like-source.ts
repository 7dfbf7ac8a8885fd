import type {
  Instance,
  InstanceBlockDeviceMapping,
  RunInstancesCommandInput,
  Volume,
} from '@aws-sdk/client-ec2';
import { MOVED_FROM_TAG } from '../../domain/move/move.ts';
import { tagsOf } from '../ec2.ts';

export interface Likeness {
  readonly source: Instance;
  readonly volumes: readonly Volume[];
  /** In base64. */
  readonly userData: string | undefined;
  readonly imageId: string;
  readonly subnetId: string;
  readonly clientToken: string;
}

/** Of volumes whose rate can be chosen: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EbsBlockDevice.html */
const WITH_IOPS = ['gp3', 'io1', 'io2'];

/**
 * What starts an instance like another one, from its image, in another subnet. Its addresses are new, and what belongs to
 * one instance alone (an elastic IP, a target group) stays with the source. What the image holds (sizes, encryption) is not
 * said again.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
 */
export function likeSource(like: Likeness): RunInstancesCommandInput & { MinCount: 1; MaxCount: 1 } {
  const { source, volumes, imageId, subnetId, userData, clientToken } = like;
  const from = { [MOVED_FROM_TAG]: source.InstanceId ?? '' };
  const { Tenancy } = source.Placement ?? {};
  return {
    MinCount: 1,
    MaxCount: 1,
    ClientToken: clientToken,
    ImageId: imageId,
    SubnetId: subnetId,
    InstanceType: source.InstanceType,
    KeyName: source.KeyName,
    SecurityGroupIds: (source.SecurityGroups ?? []).flatMap(({ GroupId }) => GroupId ?? []),
    IamInstanceProfile: source.IamInstanceProfile && { Arn: source.IamInstanceProfile.Arn },
    UserData: userData,
    EbsOptimized: source.EbsOptimized,
    Monitoring: { Enabled: ['enabled', 'pending'].includes(source.Monitoring?.State ?? '') },
    MetadataOptions: metadataOptions(source),
    ...(Tenancy && Tenancy !== 'default' && { Placement: { Tenancy } }),
    BlockDeviceMappings: (source.BlockDeviceMappings ?? []).map((mapping) => disk(mapping, volumes)),
    TagSpecifications: [
      // What AWS has set, and who moved the source before, is not its likeness.
      { ResourceType: 'instance', Tags: asTags({ ...ownTags(source), ...from }) },
      { ResourceType: 'volume', Tags: asTags(from) },
      { ResourceType: 'network-interface', Tags: asTags(from) },
    ],
  };
}

const asTags = (tags: Readonly<Record<string, string>>) =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

const ownTags = ({ Tags }: Instance) =>
  Object.fromEntries(Object.entries(tagsOf(Tags)).filter(([key]) => !/^(aws:|amity:moved-)/.test(key)));

/** All but its state, which is told and not asked for. */
function metadataOptions({ MetadataOptions }: Instance): RunInstancesCommandInput['MetadataOptions'] {
  if (!MetadataOptions) return undefined;
  const { State: _, ...options } = MetadataOptions;
  return options;
}

function disk({ DeviceName, Ebs }: InstanceBlockDeviceMapping, volumes: readonly Volume[]) {
  const volume = volumes.find(({ VolumeId }) => VolumeId === Ebs?.VolumeId);
  const type = volume?.VolumeType;
  return {
    DeviceName,
    Ebs: {
      DeleteOnTermination: Ebs?.DeleteOnTermination,
      VolumeType: type,
      ...(type && WITH_IOPS.includes(type) && { Iops: volume?.Iops }),
      ...(type === 'gp3' && { Throughput: volume?.Throughput }),
    },
  };
}
