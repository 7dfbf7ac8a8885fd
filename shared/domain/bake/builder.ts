/** On everything that a bake starts and leaves behind nothing of: its value is the bake's name. */
export const BUILDER_TAG = 'amity:builder';
/** When a builder must be gone, whatever became of its bake: ISO 8601. */
export const DEADLINE_TAG = 'amity:deadline';
/** On the image and its snapshots: what it was baked from. */
export const BASE_IMAGE_TAG = 'amity:base-image';

/** The value of `amity:failed` while nobody has validated the image: until then it is nobody's newest. */
export const NOT_VALIDATED = 'not-validated';

/** For stopping, imaging and terminating, which EC2 may refuse for a while. */
const AFTERWARDS_MS = 3 * 3_600_000;

export const deadlineOf = (timeoutMinutes: number, now: Date): string =>
  new Date(now.getTime() + timeoutMinutes * 60_000 + AFTERWARDS_MS).toISOString();

export interface Builder {
  readonly instanceId: string;
  /** EC2's name of it. */
  readonly state: string;
  readonly bake: string;
  readonly launchedAt: Date;
  /** Of the tag; nothing when somebody took it away. */
  readonly deadline: string | undefined;
}

/** Gone, or as good as. */
export const isEnding = ({ state }: Pick<Builder, 'state'>): boolean =>
  state === 'terminated' || state === 'shutting-down';

export interface Overdue {
  readonly builder: Builder;
  readonly why: string;
}

/** Without a readable deadline: longer than any bake. */
const LONGEST_MS = 24 * 3_600_000;

/** The builders that nobody took away in time, with why. */
export const overdue = (builders: readonly Builder[], now: Date): Overdue[] =>
  builders.flatMap((builder) => {
    if (isEnding(builder)) return [];
    const deadline = Date.parse(builder.deadline ?? '');
    if (Number.isNaN(deadline)) {
      const age = now.getTime() - builder.launchedAt.getTime();
      return age > LONGEST_MS ? [{ builder, why: 'it has no deadline, and is older than a day' }] : [];
    }
    return deadline < now.getTime() ? [{ builder, why: `its deadline was ${builder.deadline}` }] : [];
  });
