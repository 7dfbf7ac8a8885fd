import { paginateDescribeInstances } from '@aws-sdk/client-ec2';
import { ec2In } from '../ec2.ts';
import { USING_STATES } from './references.ts';
import { usersById } from './users.ts';

/** The instances of each image, in every state but terminated. */
export async function usedByInstances(region: string): Promise<Map<string, string[]>> {
  const uses: [id: string, user: string][] = [];
  const pages = paginateDescribeInstances(
    { client: ec2In(region) },
    { Filters: [{ Name: 'instance-state-name', Values: USING_STATES }], MaxResults: 1000 },
  );
  for await (const { Reservations = [] } of pages) {
    for (const { ImageId, InstanceId } of Reservations.flatMap(({ Instances = [] }) => Instances))
      if (ImageId) uses.push([ImageId, `instance/${InstanceId}`]);
  }
  return usersById(uses);
}
