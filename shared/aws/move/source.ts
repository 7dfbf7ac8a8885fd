import {
  DescribeInstanceAttributeCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  type Instance,
  type Volume,
} from '@aws-sdk/client-ec2';
import type { SourceFacts, StatusFacts, SubnetFacts } from '../../domain/move/move.ts';
import { ec2, ec2ErrorFacts, tagsOf } from '../ec2.ts';
import { GROUP_TAG } from '../instances.ts';

/** EC2's word for what is not there, or was never. */
const GONE = /^Invalid(InstanceID|SubnetID|Volume)\.(NotFound|Malformed)$/;

async function unlessGone<Answer>(asking: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (GONE.test(ec2ErrorFacts(error).name)) return undefined;
    throw error;
  }
}

export async function instanceById(instanceId: string): Promise<Instance | undefined> {
  const answer = await unlessGone(ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] })));
  return answer?.Reservations?.[0]?.Instances?.[0];
}

/** What a call of RunInstances with that client token has started. */
export async function startedBy(clientToken: string): Promise<Instance | undefined> {
  const Filters = [{ Name: 'client-token', Values: [clientToken] }];
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }));
  return Reservations[0]?.Instances?.[0];
}

export const factsOf = (instance: Instance): SourceFacts => {
  const tags = tagsOf(instance.Tags);
  return {
    instanceId: instance.InstanceId ?? '',
    name: tags.Name ?? '',
    state: instance.State?.Name ?? 'unknown',
    rootDeviceType: instance.RootDeviceType ?? 'unknown',
    groupName: tags[GROUP_TAG],
    vpcId: instance.VpcId,
  };
};

export async function subnetById(subnetId: string): Promise<SubnetFacts | undefined> {
  const answer = await unlessGone(ec2.send(new DescribeSubnetsCommand({ SubnetIds: [subnetId] })));
  const subnet = answer?.Subnets?.[0];
  return subnet && { subnetId, vpcId: subnet.VpcId ?? '' };
}

/** In base64, as EC2 has it and takes it. */
export async function userDataOf(InstanceId: string): Promise<string | undefined> {
  const { UserData } = await ec2.send(
    new DescribeInstanceAttributeCommand({ InstanceId, Attribute: 'userData' }),
  );
  return UserData?.Value || undefined;
}

export async function volumesOf({ BlockDeviceMappings = [] }: Instance): Promise<Volume[]> {
  const VolumeIds = BlockDeviceMappings.flatMap(({ Ebs }) => Ebs?.VolumeId ?? []);
  if (VolumeIds.length === 0) return [];
  const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({ VolumeIds }));
  return Volumes;
}

export async function statusOf(instanceId: string): Promise<StatusFacts | undefined> {
  const answer = await unlessGone(
    ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: [instanceId], IncludeAllInstances: true })),
  );
  const status = answer?.InstanceStatuses?.[0];
  return (
    status && {
      state: status.InstanceState?.Name ?? 'unknown',
      instanceStatus: status.InstanceStatus?.Status ?? 'unknown',
      systemStatus: status.SystemStatus?.Status ?? 'unknown',
    }
  );
}
