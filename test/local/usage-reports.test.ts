import {
  CreateImageUsageReportCommand,
  type CreateImageUsageReportCommandInput,
  DeleteImageUsageReportCommand,
  DescribeImageUsageReportEntriesCommand,
  DescribeImageUsageReportsCommand,
  type DescribeImageUsageReportsCommandInput,
  paginateDescribeImageUsageReportEntries,
  paginateDescribeImageUsageReports,
} from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { errorOf, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws({ pendingSeconds: 0 });
const day = 86_400_000;
const ResourceTypes = [{ ResourceType: 'ec2:Instance' }, { ResourceType: 'ec2:LaunchTemplate' }];
let ImageId: string;
beforeEach(async () => {
  ImageId = (await suite.aws.control.addImage({ name: 'shared' })).imageId;
});

const create = (more: Partial<CreateImageUsageReportCommandInput> = {}) =>
  suite.ec2.send(new CreateImageUsageReportCommand({ ImageId, ResourceTypes, ...more }));
const describeReports = async (input: DescribeImageUsageReportsCommandInput) =>
  (await suite.ec2.send(new DescribeImageUsageReportsCommand(input))).ImageUsageReports ?? [];

async function entries(ReportIds: string[]) {
  const command = new DescribeImageUsageReportEntriesCommand({ ReportIds });
  const { ImageUsageReportEntries = [] } = await suite.ec2.send(command);
  return ImageUsageReportEntries.map((each) => [each.AccountId, each.ResourceType, each.UsageCount]);
}

const untilAvailable = (ReportIds: string[]) =>
  vi.waitFor(async () => expect((await describeReports({ ReportIds }))[0]?.State).toBe('available'));

describe('a usage report', () => {
  it('is pending, then says which accounts use the image', async () => {
    const { retention } = suite.aws.control;
    const resourceType = 'ec2:LaunchTemplate' as const;
    await retention.setUsage({ imageId: ImageId, accountId: '111111111111', count: 3 });
    await retention.setUsage({ imageId: ImageId, accountId: '222222222222', count: 1, resourceType });
    const { ReportId = '' } = await create();
    expect(ReportId).toMatch(/^amiur-[0-9a-f]{17}$/);
    const [report] = await describeReports({ ImageIds: [ImageId] });
    expect(report).toMatchObject({ ImageId, ReportId, State: 'pending', ResourceTypes, Tags: [] });
    expect(Math.abs(Date.now() - Number(report?.CreationTime))).toBeLessThan(5000);
    expect(Number(report?.ExpirationTime) - Number(report?.CreationTime)).toBe(30 * day);
    expect(await entries([ReportId])).toEqual([]);
    await untilAvailable([ReportId]);
    expect(await entries([ReportId])).toEqual([
      ['111111111111', 'ec2:Instance', 3],
      ['222222222222', 'ec2:LaunchTemplate', 1],
    ]);
  });

  it('is as of its time, for the accounts and types that it was asked for', async () => {
    const set = (accountId: string, count: number) =>
      suite.aws.control.retention.setUsage({ imageId: ImageId, accountId, count });
    await set('111111111111', 3);
    await set('222222222222', 4);
    const { ReportId = '' } = await create({ AccountIds: ['222222222222'] });
    await untilAvailable([ReportId]);
    await set('222222222222', 0);
    expect(await entries([ReportId])).toEqual([['222222222222', 'ec2:Instance', 4]]);
    const none = await create({ ResourceTypes: [{ ResourceType: 'imagebuilder:ImageRecipe' }] });
    await untilAvailable([String(none.ReportId)]);
    expect(await entries([String(none.ReportId)])).toEqual([]);
  });

  it('is made once for a client token, tagged, and deleted', async () => {
    const Tags = [{ Key: 'made-by', Value: 'amity' }];
    const input = {
      ClientToken: 't',
      TagSpecifications: [{ ResourceType: 'image-usage-report' as const, Tags }],
    };
    const { ReportId = '' } = await create(input);
    expect((await create(input)).ReportId).toBe(ReportId);
    const other = create({ ...input, AccountIds: ['111111111111'] });
    expect((await errorOf(other)).name).toBe('IdempotentParameterMismatch');
    expect(await describeReports({})).toEqual([expect.objectContaining({ ReportId, Tags })]);
    await suite.ec2.send(new DeleteImageUsageReportCommand({ ReportId }));
    expect(await describeReports({ ImageIds: [ImageId] })).toEqual([]);
    expect((await errorOf(describeReports({ ReportIds: [ReportId] }))).name).toBe(
      'InvalidImageUsageReportId.NotFound',
    );
  });

  it('can be old, failed, or gone after 30 days', async () => {
    const { retention } = suite.aws.control;
    await retention.setUsage({ imageId: ImageId, accountId: '111111111111', count: 3 });
    const old = await retention.addUsageReport({ imageId: ImageId, ageDays: 20 });
    const stateReason = 'no reason';
    const failed = await retention.addUsageReport({ imageId: ImageId, state: 'error', stateReason });
    const expired = await retention.addUsageReport({ imageId: ImageId, ageDays: 30.1 });
    const found = await describeReports({ ImageIds: [ImageId] });
    expect(found.map((each) => [each.ReportId, each.State, each.StateReason])).toEqual([
      [old.reportId, 'available', undefined],
      [failed.reportId, 'error', stateReason],
    ]);
    expect((Date.now() - Number(found[0]?.CreationTime)) / day).toBeCloseTo(20, 1);
    expect(await entries([old.reportId])).toHaveLength(1);
    expect((await errorOf(entries([expired.reportId]))).name).toBe('InvalidImageUsageReportId.NotFound');
  });

  it('comes in pages, and so do its entries', async () => {
    const { retention } = suite.aws.control;
    for (let i = 0; i < 5; i += 1)
      await retention.setUsage({ imageId: ImageId, accountId: `11111111111${i}`, count: 1 });
    for (let i = 0; i < 3; i += 1) await retention.addUsageReport({ imageId: ImageId });
    const sizes: number[] = [];
    const config = { client: suite.ec2, pageSize: 2 };
    for await (const page of paginateDescribeImageUsageReports(config, { ImageIds: [ImageId] }))
      sizes.push(page.ImageUsageReports?.length ?? 0);
    const input = { ImageIds: [ImageId] };
    for await (const page of paginateDescribeImageUsageReportEntries({ ...config, pageSize: 8 }, input))
      sizes.push(page.ImageUsageReportEntries?.length ?? 0);
    expect(sizes).toEqual([2, 1, 8, 7]);
  });

  it('is refused without types, of an unknown type, and of an image that is not ours', async () => {
    const theirs = await suite.aws.control.addImage({ name: 'x', ownerId: '111111111111', public: true });
    expect((await errorOf(create({ ImageId: theirs.imageId }))).name).toBe('AuthFailure');
    expect((await errorOf(create({ ResourceTypes: [] }))).name).toBe('MissingParameter');
    const unknown = create({ ResourceTypes: [{ ResourceType: 'ec2:Volume' }] });
    expect((await errorOf(unknown)).name).toBe('InvalidParameterValue');
  });
});
