import { type _InstanceType, RunInstancesCommand, type RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import type { DiskWanted } from '../../domain/bake/base-image.ts';
import { BUILDER_TAG, DEADLINE_TAG } from '../../domain/bake/builder.ts';
import type { BakeSpec } from '../../domain/bake/spec.ts';
import { kindOf } from '../../domain/ec2-error.ts';
import type { Failure } from '../../domain/failures.ts';
import { REQUEST_ID_TAG } from '../../domain/ownership.ts';
import { hashOf } from '../../events/request-key.ts';
import { ec2, ec2ErrorFacts } from '../ec2.ts';
import { closedGroup } from './network.ts';

export interface NewBuilder {
  readonly bake: string;
  readonly requestId: string;
  readonly instanceName: string;
  readonly imageId: string;
  readonly spec: BakeSpec;
  readonly disks: readonly DiskWanted[];
  readonly userData: string;
  /** ISO 8601. */
  readonly deadline: string;
}

/** Another subnet, in another zone, may have what this one has not. */
const ANOTHER_SUBNET = /^(Insufficient(InstanceCapacity|FreeAddressesInSubnet|HostCapacity)|Unsupported)$/;

/**
 * Starts the builder of a bake in the first subnet that has room. The client token is the bake's and the subnet's: however
 * often this is called, no subnet gets a second builder; with another user data (the token of another try) EC2 refuses.
 * Source: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
 */
export async function runBuilder(builder: NewBuilder): Promise<{ instanceId: string } | Failure> {
  const { subnetIds } = builder.spec;
  const refusals: string[] = [];
  for (const subnetId of subnetIds.length > 0 ? subnetIds : [undefined]) {
    try {
      return { instanceId: await run(builder, subnetId) };
    } catch (error) {
      const why = whyNotHere(error);
      if (typeof why !== 'string') return why;
      refusals.push(subnetId ? `${subnetId}: ${why}` : why);
    }
  }
  return { code: 'no-capacity', message: refusals.join('; ') };
}

/** Words, where another subnet may do; the failure, where none will. Throws again what may pass. */
function whyNotHere(error: unknown): string | Failure {
  const facts = ec2ErrorFacts(error);
  const message = `${facts.name}: ${facts.message}`;
  if (ANOTHER_SUBNET.test(facts.name)) return message;
  // An earlier call of this bake started it, and somebody has ended it since.
  if (facts.name === 'IdempotentInstanceTerminated') return { code: 'builder-gone', message };
  const kind = kindOf(facts);
  if (kind === 'denied') return { code: 'access-denied', message };
  if (kind === 'rejected') return { code: 'ec2-rejected', message };
  throw error;
}

async function run(builder: NewBuilder, subnetId: string | undefined): Promise<string> {
  const { bake, deadline, spec } = builder;
  const SecurityGroupIds =
    spec.securityGroupIds.length > 0
      ? [...spec.securityGroupIds]
      : [await closedGroup({ bake, subnetId, deadline })];
  const { Instances = [] } = await ec2.send(
    new RunInstancesCommand({
      ...whatever(builder),
      ClientToken: hashOf(bake, subnetId),
      SecurityGroupIds,
      SubnetId: subnetId,
    }),
  );
  const instanceId = Instances[0]?.InstanceId;
  if (!instanceId) throw new Error('RunInstances answered without an instance');
  return instanceId;
}

/** A type that is newer than this SDK is as good: EC2 says which there are. */
const isInstanceType = (name: string): name is _InstanceType => name.includes('.');

/** What does not depend on where it runs. */
function whatever(builder: NewBuilder): RunInstancesCommandInput & { MinCount: 1; MaxCount: 1 } {
  const { spec, imageId, disks, userData } = builder;
  const Tags = Object.entries({
    // Not the instance name: create-ami would take it for one of its instances.
    Name: `amity builder: ${builder.instanceName}`.slice(0, 256),
    [BUILDER_TAG]: builder.bake,
    [DEADLINE_TAG]: builder.deadline,
    [REQUEST_ID_TAG]: builder.requestId,
  }).map(([Key, Value]) => ({ Key, Value }));
  return {
    MinCount: 1,
    MaxCount: 1,
    ImageId: imageId,
    ...(isInstanceType(spec.instanceType) && { InstanceType: spec.instanceType }),
    IamInstanceProfile: { Name: spec.instanceProfile },
    UserData: Buffer.from(userData).toString('base64'),
    MetadataOptions: { HttpTokens: 'required', HttpEndpoint: 'enabled', HttpPutResponseHopLimit: 1 },
    // A script that shuts it down has ended it: nothing is to stay.
    InstanceInitiatedShutdownBehavior: 'terminate',
    BlockDeviceMappings: disks.map(({ device, sizeGib, encrypted, kmsKeyId }) => ({
      DeviceName: device,
      Ebs: { DeleteOnTermination: true, VolumeSize: sizeGib, Encrypted: encrypted, KmsKeyId: kmsKeyId },
    })),
    TagSpecifications: [
      { ResourceType: 'instance', Tags },
      { ResourceType: 'volume', Tags },
      { ResourceType: 'network-interface', Tags },
    ],
  };
}
