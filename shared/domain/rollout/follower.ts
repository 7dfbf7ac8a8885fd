import type { Tags } from '../ownership.ts';
import type { RolloutFailure } from './failures.ts';

/** A launch template that carries this tag follows an instance name: Amity makes its versions. */
export const FOLLOW_TAG = 'amity:follow';
/** Whether images of AWS Backup are followed too: `true`. */
const BACKUPS_TAG = 'amity:include-backups';
/** The security groups of the versions that Amity makes, separated by spaces; without it, they are kept. */
const GROUPS_TAG = 'amity:security-group-ids';

/** A launch template that follows an instance name. */
export interface Follower {
  readonly templateId: string;
  readonly instanceName: string;
  readonly includesBackups: boolean;
  /** None: those of the version before. */
  readonly securityGroupIds: readonly string[];
}

/** What the tags of a launch template ask for; nothing, where it follows no name. */
export function followerOf(templateId: string, tags: Tags): Follower | undefined {
  const instanceName = tags[FOLLOW_TAG];
  if (!instanceName) return undefined;
  return {
    templateId,
    instanceName,
    includesBackups: tags[BACKUPS_TAG] === 'true',
    securityGroupIds: (tags[GROUPS_TAG] ?? '').split(/\s+/).filter(Boolean),
  };
}

/** Why a follower cannot be served as its tags stand. */
export function wrongTag({ templateId, securityGroupIds }: Follower): RolloutFailure | undefined {
  const wrong = securityGroupIds.filter((id) => !/^sg-[0-9a-f]{8,17}$/.test(id));
  if (wrong.length === 0) return undefined;
  return {
    code: 'invalid-tag',
    message: `The tag ${GROUPS_TAG} of ${templateId} must hold security group ids, sg-…, separated by spaces; got ${wrong.join(' ')}.`,
  };
}
