import { fullyRead, together, type Uses } from '../../domain/retention/facts.ts';
import type { TemplateVersion } from '../../domain/retention/template-uses.ts';
import { groupChoices } from '../uses/auto-scaling.ts';
import { usedByCopies } from '../uses/copies.ts';
import { usedByInstances } from '../uses/instances.ts';
import {
  followedTemplates,
  usedByChoices,
  usedByRollbacks,
  usedByTemplates,
} from '../uses/launch-templates.ts';
import { versionsInForce } from '../uses/template-versions.ts';
import { unreadable } from '../uses/users.ts';
import type { Scope } from './scope.ts';

export interface BulkUses {
  readonly uses: Uses;
  /** The newest versions of the templates that Amity makes versions of, by template id. */
  readonly followed: ReadonlyMap<string, readonly TemplateVersion[]>;
}

/** Who uses what, as far as it can be read for all images at once. */
export async function usesInBulk({ region, regions, retention }: Scope): Promise<BulkUses> {
  let followed: BulkUses['followed'] = new Map();
  const uses = await Promise.all([
    source('instances', () => usedByInstances(region)),
    source('copies', () => usedByCopies(region, regions)),
    source('launch templates and Auto Scaling groups', async () => {
      const [inForce, groups] = await Promise.all([versionsInForce(region), groupChoices(region)]);
      followed = await followedTemplates(region, inForce, retention.launchTemplateVersions);
      return together(
        ...[
          usedByTemplates(inForce),
          groups.users,
          await usedByChoices(region, groups.templates, inForce),
          await usedByRollbacks(region, followed, inForce),
        ].map(fullyRead),
      ).users;
    }),
  ]);
  return { uses: together(...uses), followed };
}

/** What one source says; a source that cannot be read says that anything may be in use. */
async function source(name: string, read: () => Promise<Uses['users']>): Promise<Uses> {
  try {
    return fullyRead(await read());
  } catch (error) {
    return { users: new Map(), unread: [unreadable(name, error)] };
  }
}
