import {
  CreateTagsCommand,
  DescribeSnapshotsCommand,
  type DescribeSnapshotsCommandInput,
  EnableImageDeprecationCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws({ pendingSeconds: 0 });

/** How many of so many calls at once are let through. */
async function passed(count: number, call: () => Promise<unknown>): Promise<number> {
  const answers = await Promise.allSettled(Array.from({ length: count }, call));
  const refused = answers.filter((each) => each.status === 'rejected');
  for (const { reason } of refused) expect(reason.name).toBe('RequestLimitExceeded');
  return count - refused.length;
}

/** As many as the bucket holds and is refilled with meanwhile, but not all. */
async function expectBucket(size: number, calls: number, call: () => Promise<unknown>): Promise<void> {
  const count = await passed(calls, call);
  expect(count).toBeGreaterThanOrEqual(size);
  expect(count).toBeLessThan(calls);
}

describe("EC2's documented buckets", () => {
  it('hold 50 changes of a kind, and more of some', async () => {
    const { imageId: ImageId } = await suite.aws.control.addImage({ name: 'image' });
    const DeprecateAt = new Date(Date.now() + 86_400_000);
    const deprecate = () => suite.ec2.send(new EnableImageDeprecationCommand({ ImageId, DeprecateAt }));
    await expectBucket(50, 99, deprecate);
    const tag = () =>
      suite.ec2.send(new CreateTagsCommand({ Resources: [ImageId], Tags: [{ Key: 'a', Value: 'b' }] }));
    expect(await passed(90, tag)).toBe(90);
    const InstanceType = 't3.micro';
    const run = () =>
      suite.ec2.send(new RunInstancesCommand({ ImageId, InstanceType, MinCount: 1, MaxCount: 1 }));
    await expectBucket(5, 25, run);
  });

  it('hold fewer reads without a filter and a page size', async () => {
    const read = (input: DescribeSnapshotsCommandInput) => () =>
      suite.ec2.send(new DescribeSnapshotsCommand(input));
    await expectBucket(50, 120, read({ OwnerIds: ['self'] }));
    expect(await passed(50, read({ MaxResults: 1000 }))).toBe(50);
    expect(await passed(50, read({ Filters: [{ Name: 'status', Values: ['completed'] }] }))).toBe(50);
  });

  it('are lifted and set by a test', async () => {
    await suite.aws.control.setLimit('DescribeSnapshots', null);
    const read = () => suite.ec2.send(new DescribeSnapshotsCommand({}));
    expect(await passed(80, read)).toBe(80);
    await suite.aws.control.setLimit('DescribeSnapshots', { size: 3, refill: 0.001 });
    expect(await passed(5, read)).toBe(3);
  });
});
