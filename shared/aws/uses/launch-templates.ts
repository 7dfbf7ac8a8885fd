import { paginateDescribeLaunchTemplates } from '@aws-sdk/client-ec2';
import {
  chosenBy,
  rollbackVersion,
  type TemplateChoice,
  type TemplateVersion,
} from '../../domain/retention/template-uses.ts';
import { FOLLOW_TAG } from '../../domain/rollout/follower.ts';
import { ec2In } from '../ec2.ts';
import { newestVersions, versionName, versionsOf } from './template-versions.ts';
import { usersById } from './users.ts';

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

const usesOf = ({ image, snapshotIds }: TemplateVersion, user: string): [id: string, user: string][] =>
  [...(image ? [image] : []), ...snapshotIds].map((id) => [id, user]);
