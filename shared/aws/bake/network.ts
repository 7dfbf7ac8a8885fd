import {
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeSubnetsCommand,
  paginateDescribeSecurityGroups,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { BUILDER_TAG, DEADLINE_TAG } from '../../domain/bake/builder.ts';
import { log } from '../../runtime/log.ts';
import { sleep } from '../../runtime/sleep.ts';
import { ec2, ec2ErrorFacts, tagsOf } from '../ec2.ts';
import { ofBake } from './builders.ts';

/** For a group whose creation was carried out and whose answer was lost. */
const LOOKS = 5;

interface Closed {
  readonly bake: string;
  /** Of a subnet of its VPC; nothing is the default VPC. */
  readonly subnetId: string | undefined;
  /** ISO 8601. */
  readonly deadline: string;
}

/**
 * A security group of a bake's own, which lets nothing in and everything out, as new ones do; the one that was made before,
 * if it was. It goes with the builder.
 */
export async function closedGroup({ bake, subnetId, deadline }: Closed): Promise<string> {
  const VpcId = subnetId && (await vpcOf(subnetId));
  // EC2 may not show yet what it has made.
  for (let tries = 1; ; tries += 1) {
    const earlier = (await groups(bake)).find((group) => !VpcId || group.VpcId === VpcId);
    if (earlier?.GroupId) return earlier.GroupId;
    try {
      return await create({ bake, VpcId, deadline });
    } catch (error) {
      if (ec2ErrorFacts(error).name !== 'InvalidGroup.Duplicate' || tries === LOOKS) throw error;
      await sleep(300 * 2 ** tries);
    }
  }
}

async function create({
  bake,
  VpcId,
  deadline,
}: Omit<Closed, 'subnetId'> & { readonly VpcId: string | undefined }): Promise<string> {
  const Tags = [
    { Key: BUILDER_TAG, Value: bake },
    { Key: DEADLINE_TAG, Value: deadline },
  ];
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({
      GroupName: `amity-builder-${bake}`,
      Description: 'Amity: a builder that nobody reaches',
      VpcId,
      TagSpecifications: [{ ResourceType: 'security-group', Tags }],
    }),
  );
  if (!GroupId) throw new Error('CreateSecurityGroup answered without an id');
  return GroupId;
}

async function vpcOf(subnetId: string): Promise<string | undefined> {
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [subnetId] }));
  return Subnets[0]?.VpcId;
}

/** The security groups that a bake, or any, has made. */
async function groups(bake?: string): Promise<SecurityGroup[]> {
  const found: SecurityGroup[] = [];
  for await (const { SecurityGroups = [] } of paginateDescribeSecurityGroups(
    { client: ec2 },
    { Filters: [ofBake(bake)] },
  ))
    found.push(...SecurityGroups);
  return found;
}

/** Deletes what a bake made; false while EC2 still counts it as in use. */
export async function deleteGroups(bake: string): Promise<boolean> {
  const gone = await Promise.all((await groups(bake)).map(({ GroupId = '' }) => deleteGroup(GroupId)));
  return gone.every(Boolean);
}

/** Deletes what every bake made whose deadline is over; what is still in use, the next time. */
export async function deleteOverdueGroups(now: Date): Promise<void> {
  const isOver = ({ Tags }: SecurityGroup) => Date.parse(tagsOf(Tags)[DEADLINE_TAG] ?? '') < now.getTime();
  const overdue = (await groups()).filter(isOver).map(({ GroupId = '' }) => GroupId);
  if (overdue.length > 0)
    log.warn('Security groups of builders were left behind, and are deleted', { overdue });
  const deleted = await Promise.allSettled(overdue.map(deleteGroup));
  const [broken] = deleted.filter((each) => each.status === 'rejected');
  if (broken) throw broken.reason;
}

async function deleteGroup(GroupId: string): Promise<boolean> {
  try {
    await ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
    return true;
  } catch (error) {
    const { name } = ec2ErrorFacts(error);
    if (name === 'InvalidGroup.NotFound') return true;
    if (name === 'DependencyViolation') return false;
    throw error;
  }
}
