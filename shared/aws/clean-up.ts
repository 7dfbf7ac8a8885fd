import { cleanedParts } from '../domain/cleaned-parts.ts';
import { instanceNameOf } from '../domain/ownership.ts';
import {
  type OwnImage,
  overdue,
  planRetention,
  type References,
  type RetentionPolicy,
} from '../domain/retention.ts';
import { AmiCleaned, MAX_ENTRIES } from '../events/ami-cleaned.ts';
import { log } from '../runtime/log.ts';
import { publish } from './bus.ts';
import { deleteImage } from './delete-image.ts';
import { ec2ErrorFacts } from './ec2.ts';
import { taggedImages } from './images.ts';
import { referencesTo } from './references.ts';

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

/** Read, plan, delete, report. Gives what failed: the report says it too. */
export async function cleanUp(run: CleanUp): Promise<AmiCleaned['failed']> {
  const { policy, now } = run;
  const images = await ourImages(run.instanceName);
  const failed: AmiCleaned['failed'] = [];
  const references = await readReferences(overdue(images, policy, now), failed);
  const plan = planRetention(images, references, policy, now);
  const kept = [...plan.kept];
  const deleted: AmiCleaned['deleted'] = [];
  for (const doomed of plan.delete) {
    if (!run.hasTime()) {
      kept.push({ ...doomed, reason: 'time' });
      continue;
    }
    const { imageId, imageName } = doomed;
    const image = images.find((each) => each.imageId === imageId);
    try {
      const result = await deleteImage({ imageId, snapshotIds: image?.snapshotIds ?? [] });
      if (!result) continue;
      deleted.push({ ...doomed, snapshotIds: result.snapshotIds });
      failed.push(...result.failed.map((failure) => ({ imageId, imageName, ...failure })));
    } catch (error) {
      const { name: code, message } = ec2ErrorFacts(error);
      failed.push({ imageId, imageName, code, message });
    }
  }
  const { runId, trigger, instanceName } = run;
  const report = { runId, trigger, deleted, kept, failed, ...(instanceName && { instanceName }) };
  log.info('Cleaned up', { runId, trigger, instanceName, deleted, kept, failed });
  await publish(run.busName, ...cleanedParts(report, MAX_ENTRIES).map((part) => AmiCleaned.encode(part)));
  return failed;
}

async function ourImages(instanceName: string | undefined): Promise<Image[]> {
  return (await taggedImages(instanceName)).flatMap((image) => {
    const name = instanceNameOf(image.tags);
    if (!name || (instanceName && name !== instanceName)) return [];
    return [{ ...image, instanceName: name, createdAt: new Date(image.createdAt) }];
  });
}

/** When references cannot be read, nothing may be deleted; the run says so and goes on to its report. */
async function readReferences(
  images: readonly OwnImage[],
  failed: AmiCleaned['failed'],
): Promise<References> {
  try {
    return await referencesTo(images.map(({ imageId }) => imageId));
  } catch (error) {
    const { name, message } = ec2ErrorFacts(error);
    failed.push({ code: 'references-unreadable', message: `Nothing was deleted. ${name}: ${message}` });
    return 'unreadable';
  }
}
