import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../infra/config.ts';
import { publish } from '../shared/aws/bus.ts';
import { ec2, ec2In } from '../shared/aws/ec2.ts';
import { imageById } from '../shared/aws/images.ts';
import { RESTORED_AT_TAG } from '../shared/domain/retention/stages.ts';
import { AmiRestoreRequested } from '../shared/events/ami-restore-requested.ts';
import { check, sentenceOf } from '../shared/events/problems.ts';
import { giveUp } from './give-up.ts';
import { options } from './options.ts';

/**
 * `npm run restore -- ami-…`: asks for images back that retention deprecated, disabled or deleted, and waits until they
 * are in service. `--region` is for images of another region.
 */
const { values, positionals: imageIds } = options({
  allowPositionals: true,
  options: { config: { type: 'string', default: 'amity.config.json' }, region: { type: 'string' } },
});

const PATIENCE_MS = 180_000;

let asking = false;
try {
  if (imageIds.length === 0) throw new Error('Name the images: npm run restore -- ami-…');
  const region = values.region ?? (await ec2.config.region());
  const details = imageIds.map((imageId) => requestOf({ imageId, region }));
  const asked = Date.now();
  asking = true;
  await publish(
    loadConfig(values.config).busName,
    ...details.map((detail) => AmiRestoreRequested.encode(detail)),
  );
  for (const imageId of imageIds) await inService(imageId, region, asked);
} catch (error) {
  giveUp(asking ? 'Not every image was seen to be restored' : 'Nothing was asked for', error);
}

function requestOf(detail: unknown): AmiRestoreRequested {
  const { data, problems } = check(AmiRestoreRequested.schema, detail);
  if (!data) throw new Error(`${JSON.stringify(detail)}: ${sentenceOf(problems)}`);
  return data;
}

async function inService(imageId: string, region: string, asked: number): Promise<void> {
  while (Date.now() - asked < PATIENCE_MS) {
    const image = await imageById(imageId, ec2In(region));
    const restoredAt = Date.parse(image?.tags[RESTORED_AT_TAG] ?? '');
    if (image?.state === 'available' && restoredAt >= asked - 60_000) {
      return console.log(`${imageId} ${image.imageName} is in service again`);
    }
    await sleep(2_000);
  }
  throw new Error(`${imageId} is not in service yet; AmiRestored or AmiRestoreFailed will say more`);
}
