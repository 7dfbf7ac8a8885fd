import { CreateTagsCommand, DisableImageCommand, EnableImageDeprecationCommand } from '@aws-sdk/client-ec2';
import type { ImageFacts } from '../../domain/retention/facts.ts';
import type { Planned } from '../../domain/retention/planned.ts';
import type { Outcome } from '../../domain/retention/retired.ts';
import { DISABLED_AT_TAG } from '../../domain/retention/stages.ts';
import { type Pace, pacer } from '../../runtime/pacer.ts';
import { ec2ErrorFacts, ec2In } from '../ec2.ts';
import { deleteImage, deleteSnapshot, GONE, IN_USE } from './delete-image.ts';

/**
 * EC2's own rates, and a little below them: a call that is throttled costs more than one that waits.
 * Source: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 */
const DELETIONS: Pace = { size: 95, refill: 4.97 };
const OTHER_CHANGES: Pace = { size: 45, refill: 4.97 };

/** EC2 refuses a past date, and rounds to the minute. */
const SOON_MS = 120_000;

const GONE_ALREADY: Outcome = { outcome: 'gone' };

/** What carries out one entry of a plan, no faster than EC2 takes it. */
export function carrier(region: string, rested: boolean) {
  const paces = {
    deprecate: pacer(OTHER_CHANGES, !rested),
    disable: pacer(OTHER_CHANGES, !rested),
    delete: pacer(DELETIONS, !rested),
    'delete-snapshot': pacer(DELETIONS, !rested),
  };
  return async (entry: Planned, image: ImageFacts | undefined): Promise<Outcome> => {
    if (entry.action === 'keep') return {};
    await paces[entry.action]();
    try {
      return await CARRY_OUT[entry.action](entry, image, region);
    } catch (error) {
      const { name: code, message } = ec2ErrorFacts(error);
      return GONE.test(code) ? GONE_ALREADY : { outcome: 'failed', failures: [{ code, message }] };
    }
  };
}

type Step = (entry: Planned, image: ImageFacts | undefined, region: string) => Promise<Outcome>;

const CARRY_OUT: Record<Exclude<Planned['action'], 'keep'>, Step> = {
  deprecate: async ({ imageId: ImageId }, _image, region) => {
    const DeprecateAt = new Date(Date.now() + SOON_MS);
    await ec2In(region).send(new EnableImageDeprecationCommand({ ImageId, DeprecateAt }));
    return { outcome: 'done' };
  },
  disable: async ({ imageId: ImageId }, image, region) => {
    if (image?.state !== 'disabled') await ec2In(region).send(new DisableImageCommand({ ImageId }));
    const Tags = [{ Key: DISABLED_AT_TAG, Value: new Date().toISOString() }];
    await ec2In(region).send(new CreateTagsCommand({ Resources: [ImageId], Tags }));
    return { outcome: 'done' };
  },
  delete: async (entry, _image, region) => {
    const deletion = await deleteImage(entry, region);
    if (!deletion) return GONE_ALREADY;
    return { outcome: 'done', deleted: deletion.snapshotIds, failures: deletion.failed };
  },
  'delete-snapshot': async ({ snapshotId = '' }, _image, region) => {
    const outcome = await deleteSnapshot(snapshotId, region, 1);
    if (outcome === 'deleted') return { outcome: 'done', deleted: [snapshotId] };
    // Another image was made from it: it is no orphan after all.
    if (outcome === 'gone' || outcome.code === IN_USE) return GONE_ALREADY;
    const message = `${snapshotId} stays: ${outcome.message}`;
    return { outcome: 'failed', failures: [{ code: outcome.code, message }] };
  },
};
