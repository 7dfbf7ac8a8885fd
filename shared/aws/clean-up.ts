import { cleanedParts } from '../domain/cleaned-parts.ts';
import type { CleanUpFailure } from '../domain/failures.ts';
import { instanceNameOf } from '../domain/ownership.ts';
import {
  type Dated,
  type OwnImage,
  overdue,
  planRetention,
  type References,
  type RetentionPolicy,
} from '../domain/retention.ts';
import { AmiCleaned, MOST_OF_A_PART } from '../events/ami-cleaned.ts';
import { log } from '../runtime/log.ts';
import { publish } from './bus.ts';
import { deleteImage, GONE } from './delete-image.ts';
import { ec2ErrorFacts } from './ec2.ts';
import { taggedImages } from './images.ts';
import { referencesTo } from './references.ts';
import { sweepOrphans } from './sweep-orphans.ts';

export interface CleanUp {
  readonly runId: string;
  readonly trigger: AmiCleaned['trigger'];
  readonly busName: string;
  readonly policy: RetentionPolicy;
  readonly now: Date;
  /** Only this name's images; all of ours without it. */
  readonly instanceName?: string | undefined;
  /** Whether another deletion still fits into the function's time. */
  readonly hasTime: () => boolean;
}

type Image = OwnImage & { readonly snapshotIds: string[] };
type Report = Pick<AmiCleaned, 'deleted' | 'kept' | 'failed'>;

/** Read, plan, delete, report. Gives what failed: the report says it too. */
export async function cleanUp(run: CleanUp): Promise<AmiCleaned['failed']> {
  const { images, references, failed } = await survey(run);
  const plan = planRetention(images, references, run.policy, run.now);
  const report: Report = { deleted: [], kept: [...plan.kept], failed };
  for (const doomed of plan.delete) {
    if (!run.hasTime()) report.kept.push({ ...doomed, reason: 'time' });
    else await remove(doomed, images, report);
  }
  // Of all names only: a snapshot's name does not say whether its image is among those that were read.
  if (!run.instanceName && references !== 'unreadable') {
    const tried = new Set(plan.delete.map(({ imageId }) => imageId));
    const swept = await sweepOrphans(run, run.policy.maxDeletionsPerRun - plan.delete.length, tried);
    report.deleted.push(...swept.deleted);
    report.failed.push(...swept.failed);
  }
  const { runId, trigger, instanceName } = run;
  const cleaned = { runId, trigger, ...report, ...(instanceName && { instanceName }) };
  log.info('Cleaned up', cleaned);
  await publish(run.busName, ...cleanedParts(cleaned, MOST_OF_A_PART).map((part) => AmiCleaned.encode(part)));
  return failed;
}

/** How often images are read again because one of them went away meanwhile. */
const SURVEYS = 3;

/**
 * Our images, and who uses those that are old enough. When that cannot be read nothing may be deleted; the
 * run goes on to its report and says so.
 */
async function survey(
  run: CleanUp,
): Promise<{ images: Image[]; references: References } & Pick<Report, 'failed'>> {
  for (let round = 1; ; round += 1) {
    const images = await ourImages(run.instanceName);
    const old = overdue(images, run.policy, run.now).map(({ imageId }) => imageId);
    try {
      return { images, references: await referencesTo(old), failed: [] };
    } catch (error) {
      const { name, message } = ec2ErrorFacts(error);
      // Another run has just deregistered one of them: what is left is worth another look.
      if (GONE.test(name) && round < SURVEYS) continue;
      const code: CleanUpFailure = 'references-unreadable';
      const failure = { code, message: `Nothing was deleted. ${name}: ${message}` };
      return { images, references: 'unreadable', failed: [failure] };
    }
  }
}

async function remove(doomed: Dated, images: readonly Image[], report: Report): Promise<void> {
  const { imageId, imageName } = doomed;
  const snapshotIds = images.find((image) => image.imageId === imageId)?.snapshotIds ?? [];
  try {
    const deletion = await deleteImage({ imageId, snapshotIds });
    if (!deletion) return;
    report.deleted.push({ ...doomed, snapshotIds: deletion.snapshotIds });
    report.failed.push(...deletion.failed.map((failure) => ({ imageId, imageName, ...failure })));
  } catch (error) {
    const { name: code, message } = ec2ErrorFacts(error);
    report.failed.push({ imageId, imageName, code, message });
  }
}

async function ourImages(instanceName: string | undefined): Promise<Image[]> {
  return (await taggedImages(instanceName)).flatMap((image) => {
    const name = instanceNameOf(image.tags);
    if (!name || (instanceName && name !== instanceName)) return [];
    return [{ ...image, instanceName: name, createdAt: new Date(image.createdAt) }];
  });
}
