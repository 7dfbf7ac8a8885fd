import type { EC2Client } from '@aws-sdk/client-ec2';
import { ec2Error } from '../../support/aws-errors.ts';
import type { Region } from './region.ts';

interface Bucket {
  readonly size: number;
  /** Tokens a second. */
  readonly refill: number;
}

/**
 * Per account, region and action.
 * Source: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 */
const DELETIONS: Bucket = { size: 100, refill: 5 };
const READS: Bucket = { size: 100, refill: 20 };
const CHANGES: Bucket = { size: 50, refill: 5 };

export const LIMIT = DELETIONS;

const bucketOf = (action: string): Bucket =>
  /^(DeregisterImage|DeleteSnapshot)$/.test(action) ? DELETIONS : isRead(action) ? READS : CHANGES;

const isRead = (action: string) => /^(Describe|List)/.test(action);

/** Milliseconds of one call, and of each thing that it tells of; half of it, or half as much more, by chance. */
const READ_MS = 80;
const CHANGE_MS = 300;
const ITEM_MS = 0.5;

/**
 * EC2's front door, in whatever time it is: each call takes its time, and one that finds its bucket empty is answered
 * RequestLimitExceeded. It stands behind the SDK's retries, which are the real ones.
 */
export class VirtualEc2 {
  readonly region: Region;
  /** Calls by action, those that were throttled too. */
  readonly calls = new Map<string, number>();
  throttles = 0;
  readonly #levels = new Map<string, { tokens: number; at: number }>();

  constructor(region: Region) {
    this.region = region;
  }

  /** From now on that client's calls come here. */
  answers(client: EC2Client): void {
    client.middlewareStack.addRelativeTo(
      (_next: unknown, { commandName = '' }: { commandName?: string }) =>
        async ({ input }: { input: object }) => ({
          response: undefined,
          output: { ...(await this.#call(commandName.replace(/Command$/, ''), input)), $metadata: {} },
        }),
      { name: 'virtualEc2', relation: 'after', toMiddleware: 'retryMiddleware' },
    );
  }

  get total(): number {
    return [...this.calls.values()].reduce((sum, count) => sum + count, 0);
  }

  async #call(action: string, input: object): Promise<object> {
    this.calls.set(action, (this.calls.get(action) ?? 0) + 1);
    const way = (isRead(action) ? READ_MS : CHANGE_MS) * (0.5 + Math.random());
    await passes(way / 2);
    const throttled = !this.#takes(action);
    if (throttled) this.throttles += 1;
    const answer = throttled
      ? { error: ec2Error('RequestLimitExceeded', 'Request limit exceeded.') }
      : this.region.answer(action, input);
    await passes(way / 2 + ('items' in answer ? answer.items * ITEM_MS : 0));
    if ('error' in answer) throw answer.error;
    return answer.output;
  }

  #takes(action: string): boolean {
    const { size, refill } = bucketOf(action);
    const { tokens, at } = this.#levels.get(action) ?? { tokens: size, at: Date.now() };
    const level = Math.min(size, tokens + ((Date.now() - at) / 1000) * refill);
    const takes = level >= 1;
    this.#levels.set(action, { tokens: takes ? level - 1 : level, at: Date.now() });
    return takes;
  }
}

const passes = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
