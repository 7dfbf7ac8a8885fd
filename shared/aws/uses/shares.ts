import {
  CreateImageUsageReportCommand,
  DescribeImageAttributeCommand,
  type ImageUsageReport,
  type LaunchPermission,
  paginateDescribeImageUsageReportEntries,
  paginateDescribeImageUsageReports,
} from '@aws-sdk/client-ec2';
import { DAY_MS } from '../../domain/retention/stages.ts';
import { ec2In } from '../ec2.ts';

/** What other accounts may do with some images, and what they do. */
export interface Shares {
  readonly users: Map<string, string[]>;
  /** Of those that are shared: what DisableImage drops for good. */
  readonly permissions: Map<string, LaunchPermission[]>;
}

/** A report is no older than this: what it says about other accounts is all that there is. */
const RECENT_MS = 3 * DAY_MS;

/** Every kind of use that a report can count. */
const RESOURCE_TYPES = [
  'ec2:Instance',
  'ec2:LaunchTemplate',
  'imagebuilder:ImageRecipe',
  'imagebuilder:ContainerRecipe',
].map((ResourceType) => ({ ResourceType }));

interface Asked {
  readonly region: string;
  readonly now: Date;
  /** Whether a report that is missing is ordered, for a later run. */
  readonly order: boolean;
}

/**
 * Other accounts that use these images. A shared image without a recent usage report is in use: nobody can say that it
 * is not. EC2 tells launch permissions of one image a call, and nobody else tells them; it drops them when it disables
 * an image, so a disabled one need not be asked about.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/your-ec2-ami-usage.html
 */
export async function sharesOf(imageIds: readonly string[], asked: Asked): Promise<Shares> {
  const permissions = new Map<string, LaunchPermission[]>();
  await Promise.all(
    imageIds.map(async (imageId) => {
      const granted = await launchPermissions(asked.region, imageId);
      if (granted.length > 0) permissions.set(imageId, granted);
    }),
  );
  const users = new Map(imageIds.map((id): [string, string[]] => [id, []]));
  if (permissions.size === 0) return { users, permissions };
  const reports = await recentReports([...permissions.keys()], asked);
  for (const [imageId, granted] of permissions) {
    const report = reports.get(imageId);
    if (report?.State === 'available') users.get(imageId)?.push(...(await usersIn(report, asked.region)));
    else users.get(imageId)?.push(`shared with ${granted.map(nameOf).join(', ')}, no recent usage report`);
    if (!report && asked.order) await order(imageId, asked);
  }
  return { users, permissions };
}

async function launchPermissions(region: string, ImageId: string): Promise<LaunchPermission[]> {
  const { LaunchPermissions = [] } = await ec2In(region).send(
    new DescribeImageAttributeCommand({ ImageId, Attribute: 'launchPermission' }),
  );
  return LaunchPermissions;
}

/** The newest report of each image: one that is ready before one that is being made. */
async function recentReports(
  ImageIds: string[],
  { region, now }: Asked,
): Promise<Map<string, ImageUsageReport>> {
  const newest = new Map<string, ImageUsageReport>();
  const pages = paginateDescribeImageUsageReports({ client: ec2In(region) }, { ImageIds });
  for await (const { ImageUsageReports = [] } of pages) {
    for (const report of ImageUsageReports) {
      const { ImageId = '', CreationTime, State } = report;
      const recent = CreationTime && now.getTime() - CreationTime.getTime() < RECENT_MS;
      const useful = State === 'available' || State === 'pending';
      if (recent && useful && isBetter(report, newest.get(ImageId))) newest.set(ImageId, report);
    }
  }
  return newest;
}

/** EC2 does not say in which order it tells reports: an older one may know nothing of a use that began since. */
function isBetter(report: ImageUsageReport, than: ImageUsageReport | undefined): boolean {
  if (!than || report.State !== than.State) return !than || report.State === 'available';
  return Number(report.CreationTime) > Number(than.CreationTime);
}

async function usersIn({ ReportId = '', ImageId }: ImageUsageReport, region: string): Promise<string[]> {
  const users: string[] = [];
  const pages = paginateDescribeImageUsageReportEntries({ client: ec2In(region) }, { ReportIds: [ReportId] });
  for await (const { ImageUsageReportEntries = [] } of pages) {
    for (const { AccountId, ResourceType, UsageCount = 0, ImageId: of } of ImageUsageReportEntries)
      if (of === ImageId && UsageCount > 0)
        users.push(`account ${AccountId} (${UsageCount} ${ResourceType})`);
  }
  return users;
}

/** One a day and image, however often it is asked for. */
const order = (ImageId: string, { region, now }: Asked) =>
  ec2In(region).send(
    new CreateImageUsageReportCommand({
      ImageId,
      ResourceTypes: RESOURCE_TYPES,
      ClientToken: `amity-${ImageId}-${now.toISOString().slice(0, 10)}`,
    }),
  );

const nameOf = ({ Group, UserId, OrganizationArn, OrganizationalUnitArn }: LaunchPermission) =>
  Group ?? UserId ?? OrganizationArn ?? OrganizationalUnitArn ?? 'somebody';
