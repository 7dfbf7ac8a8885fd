import { type Instance, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import type { Candidate } from '../domain/choose-instance.ts';
import { ec2, literal, tagsOf } from './ec2.ts';

/** EC2 takes 200 values in a filter. */
const MOST_NAMES = 200;

/** The running instances that carry any of those names, and perhaps some more: compare again. */
export async function runningInstances(names: readonly string[], signal: AbortSignal): Promise<Candidate[]> {
  if (names.length > MOST_NAMES)
    throw new RangeError(`At most ${MOST_NAMES} names a call, got ${names.length}`);
  const pages = paginateDescribeInstances(
    { client: ec2 },
    {
      Filters: [
        { Name: 'tag:Name', Values: names.map(literal) },
        { Name: 'instance-state-name', Values: ['running'] },
      ],
      MaxResults: 1000,
    },
    { abortSignal: signal },
  );
  const found: Candidate[] = [];
  for await (const page of pages) {
    found.push(
      ...(page.Reservations ?? []).flatMap((reservation) => reservation.Instances ?? []).map(candidate),
    );
  }
  return found;
}

/** Set by AWS alone. */
export const GROUP_TAG = 'aws:autoscaling:groupName';

const candidate = (instance: Instance): Candidate => ({
  instanceId: instance.InstanceId ?? '',
  name: tagsOf(instance.Tags).Name ?? '',
  groupName: tagsOf(instance.Tags)[GROUP_TAG],
  state: instance.State?.Name ?? 'unknown',
  launchedAt: instance.LaunchTime ?? new Date(Number.NaN),
  rootDeviceType: instance.RootDeviceType ?? 'unknown',
});
