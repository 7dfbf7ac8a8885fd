import {
  type DescribeLaunchTemplateVersionsCommandInput,
  type LaunchTemplateVersion,
  paginateDescribeLaunchTemplateVersions,
} from '@aws-sdk/client-ec2';
import type { Ec2ErrorFacts } from '../../domain/ec2-error.ts';
import type { TemplateChoice, TemplateVersion } from '../../domain/retention/template-uses.ts';
import { ec2ErrorFacts, ec2In } from '../ec2.ts';

/** EC2's word for a template, or a version, that is not there (any more): nobody starts anything from it. */
const GONE = /^InvalidLaunchTemplate(Id\.(NotFound|VersionNotFound)|Name\.NotFoundException)$/;
export const isTemplateGone = ({ name }: Ec2ErrorFacts): boolean => GONE.test(name);

/** What every template would start by itself: its `$Default` and its `$Latest` version. */
export const versionsInForce = (region: string): Promise<TemplateVersion[]> =>
  versions(region, { Versions: ['$Default', '$Latest'] });

/** EC2 says "after" of the least version: one more than asked for is harmless, one less is not. */
export const newestVersions = (region: string, LaunchTemplateId: string, latest: number, depth: number) =>
  versions(region, {
    LaunchTemplateId,
    MaxVersion: String(latest),
    ...(latest > depth && { MinVersion: String(latest - depth) }),
  });

/** These versions of a template, but for those that are gone. */
export async function versionsOf(
  region: string,
  { templateId, templateName }: Pick<TemplateChoice, 'templateId' | 'templateName'>,
  Versions: string[],
): Promise<TemplateVersion[]> {
  const template = templateId ? { LaunchTemplateId: templateId } : { LaunchTemplateName: templateName };
  try {
    return await versions(region, { ...template, Versions });
  } catch (error) {
    if (!isTemplateGone(ec2ErrorFacts(error))) throw error;
    // One of several that is gone must not hide the others.
    if (Versions.length === 1) return [];
    return (
      await Promise.all(Versions.map((one) => versionsOf(region, { templateId, templateName }, [one])))
    ).flat();
  }
}

const versions = async (region: string, query: DescribeLaunchTemplateVersionsCommandInput) =>
  Promise.all((await read(region, query)).map((version) => resolved(region, version)));

async function read(
  region: string,
  query: DescribeLaunchTemplateVersionsCommandInput,
): Promise<TemplateVersion[]> {
  const found: TemplateVersion[] = [];
  const pages = paginateDescribeLaunchTemplateVersions(
    { client: ec2In(region) },
    // EC2 takes a page size only where it is not told which versions.
    query.Versions && (query.LaunchTemplateId || query.LaunchTemplateName)
      ? query
      : { MaxResults: 200, ...query },
  );
  for await (const page of pages) found.push(...(page.LaunchTemplateVersions ?? []).map(asVersion));
  return found;
}

/** A parameter's present value counts as a use by itself; an older one, which a version can name, does not. */
const PINNED = /^resolve:ssm:[^:]+:.+$/;

async function resolved(region: string, version: TemplateVersion): Promise<TemplateVersion> {
  if (!PINNED.test(version.image ?? '')) return version;
  const query = { LaunchTemplateId: version.templateId, Versions: [String(version.version)] };
  const [known] = await read(region, { ...query, ResolveAlias: true });
  if (known?.image?.startsWith('ami-')) return known;
  throw new Error(`${versionName(version)} starts ${version.image}, which cannot be resolved`);
}

const asVersion = (version: LaunchTemplateVersion): TemplateVersion => ({
  templateId: version.LaunchTemplateId ?? '',
  templateName: version.LaunchTemplateName ?? '',
  version: version.VersionNumber ?? 0,
  isDefault: version.DefaultVersion ?? false,
  image: version.LaunchTemplateData?.ImageId,
  snapshotIds: (version.LaunchTemplateData?.BlockDeviceMappings ?? []).flatMap(
    ({ Ebs }) => Ebs?.SnapshotId ?? [],
  ),
  description: version.VersionDescription ?? '',
});

export const versionName = ({ templateId, version }: TemplateVersion) =>
  `launch-template/${templateId}:${version}`;
