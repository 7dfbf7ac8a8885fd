import { rollbackVersion } from '../retention/template-uses.ts';
import type { Rollout } from './entry.ts';
import type { RolloutFailure } from './failures.ts';

/** What is known of a template that is to be rolled back. */
export interface Present {
  readonly templateId: string;
  /** Of the default. */
  readonly version: number;
  readonly description: string;
  /** When the default came into force, as far as it is known: of the version, or of what Amity did last. */
  readonly since: Date;
}

/**
 * The image that a rollback of a name means: the one that was rolled out last, of all that are in force. A template that has
 * another one never got it, and is not taken further back.
 */
export function lastRolledOut(
  inForce: readonly {
    readonly imageId: string | undefined;
    readonly description: string;
    readonly createdAt: Date;
  }[],
): string | undefined {
  const [last] = inForce
    .filter(({ description }) => rollbackVersion({ description }) !== undefined)
    .toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  return last?.imageId;
}

export interface Wish {
  readonly version?: number | undefined;
  /** When it was asked for. */
  readonly at: Date;
}

/**
 * When what Amity did came into force, to be compared with the time of an event, which has whole seconds: who takes back at
 * once what a rollout has told of is heard; what a rollback set is not taken further back by another one of that second.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
 */
export const inForceSince = ({ kind, at }: Pick<Rollout, 'kind' | 'at'>): number =>
  kind === 'out' ? Math.floor(Date.parse(at) / 1000) * 1000 : Date.parse(at);

/** The version that a rollback goes back to, or why to none. */
export function rollbackOf(present: Present, wish: Wish): { readonly version: number } | RolloutFailure {
  const { templateId, version, description, since } = present;
  if (since.getTime() > wish.at.getTime()) {
    return {
      code: 'superseded',
      message: `Version ${version} of ${templateId} came into force after the rollback was asked for. Ask again, if it is meant.`,
    };
  }
  const before = wish.version ?? rollbackVersion({ description });
  if (before === undefined) {
    return {
      code: 'nothing-to-roll-back',
      message: `Version ${version}, the default of ${templateId}, was not made by a rollout: name the version to go back to.`,
    };
  }
  if (before === version) {
    return {
      code: 'nothing-to-roll-back',
      message: `Version ${version} is the default of ${templateId} already.`,
    };
  }
  return { version: before };
}
