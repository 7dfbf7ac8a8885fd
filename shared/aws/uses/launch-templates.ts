import {
  type DescribeLaunchTemplateVersionsCommandInput,
  type LaunchTemplateVersion,
  paginateDescribeLaunchTemplates,
  paginateDescribeLaunchTemplateVersions,
} from '@aws-sdk/client-ec2';
import {
  chosenBy,
  rollbackVersion,
  type TemplateChoice,
  type TemplateVersion,
} from '../../domain/retention/template-uses.ts';
import { ec2ErrorFacts, ec2In } from '../ec2.ts';
import { usersById } from './users.ts';

/** A template that carries this tag follows an instance name: Amity makes its versions. */
export const FOLLOW_TAG = 'amity:follow';

/** EC2's word for a template, or a version, that is not there (any more): nobody starts anything from it. */
const GONE = /^InvalidLaunchTemplate(Id\.(NotFound|VersionNotFound)|Name\.NotFoundException)$/;

/** What every template would start by itself: its `$Default` and its `$Latest` version. */
export const versionsInForce = (region: string): Promise<TemplateVersion[]> =>
  versions(region, { Versions: ['$Default', '$Latest'] });

/** Users by the id of their image, and of the snapshots that a version names. */
export const usedByTemplates = (inForce: readonly TemplateVersion[]): Map<string, string[]> =>
  usersById(inForce.flatMap((version) => usesOf(version, versionName(version))));

/** What groups have chosen of these templates; what is gone starts nothing. */
export async function usedByChoices(
  region: string,
  choices: readonly TemplateChoice[],
  inForce: readonly TemplateVersion[],
): Promise<Map<string, string[]>> {
  const numbered = choices.filter(({ version }) => /^\d+$/.test(version));
  const byTemplate = Map.groupBy(numbered, ({ templateId, templateName }) => templateId ?? `${templateName}`);
  const known = [...inForce];
  for (const of of byTemplate.values()) {
    const wanted = new Set(of.map(({ version }) => version));
    if (of[0]) known.push(...(await versionsOf(region, of[0], [...wanted])));
  }
  return usersById(
    choices.flatMap((choice) => chosenBy(choice, known).flatMap((version) => usesOf(version, choice.user))),
  );
}

/** The newest versions of the templates that follow a name, by template id. */
export async function followedTemplates(
  region: string,
  inForce: readonly TemplateVersion[],
  depth: number,
): Promise<Map<string, TemplateVersion[]>> {
  const followed = new Map<string, TemplateVersion[]>();
  const pages = paginateDescribeLaunchTemplates(
    { client: ec2In(region) },
    { Filters: [{ Name: 'tag-key', Values: [FOLLOW_TAG] }], MaxResults: 200 },
  );
  for await (const { LaunchTemplates = [] } of pages) {
    for (const { LaunchTemplateId: id = '' } of LaunchTemplates) {
      const latest = Math.max(
        0,
        ...inForce.filter(({ templateId }) => templateId === id).map(({ version }) => version),
      );
      if (latest > 0) followed.set(id, await newestVersions(region, id, latest, depth));
    }
  }
  return followed;
}

/** EC2 says "after" of the least version: one more than asked for is harmless, one less is not. */
const newestVersions = (region: string, LaunchTemplateId: string, latest: number, depth: number) =>
  versions(region, {
    LaunchTemplateId,
    MaxVersion: String(latest),
    ...(latest > depth && { MinVersion: String(latest - depth) }),
  });

/** The images that a rollback of these templates would go back to. */
export async function usedByRollbacks(
  region: string,
  followed: ReadonlyMap<string, readonly TemplateVersion[]>,
  inForce: readonly TemplateVersion[],
): Promise<Map<string, string[]>> {
  const uses = [];
  for (const [templateId, newest] of followed) {
    const [inUse] = inForce.filter((version) => version.templateId === templateId && version.isDefault);
    const back = inUse && rollbackVersion(inUse);
    if (!back) continue;
    const known = newest.filter(({ version }) => version === back);
    const [target] = known.length > 0 ? known : await versionsOf(region, { templateId }, [String(back)]);
    if (target) uses.push(...usesOf(target, `rollback of ${versionName(inUse)}`));
  }
  return usersById(uses);
}

async function versionsOf(
  region: string,
  { templateId, templateName }: Pick<TemplateChoice, 'templateId' | 'templateName'>,
  Versions: string[],
): Promise<TemplateVersion[]> {
  const template = templateId ? { LaunchTemplateId: templateId } : { LaunchTemplateName: templateName };
  try {
    return await versions(region, { ...template, Versions });
  } catch (error) {
    if (!GONE.test(ec2ErrorFacts(error).name)) throw error;
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

const versionName = ({ templateId, version }: TemplateVersion) => `launch-template/${templateId}:${version}`;

const usesOf = ({ image, snapshotIds }: TemplateVersion, user: string): [id: string, user: string][] =>
  [...(image ? [image] : []), ...snapshotIds].map((id) => [id, user]);
