import { createInterface } from 'node:readline/promises';
import { ec2, ec2ErrorFacts } from '../shared/aws/ec2.ts';
import { type OwnedImage, ownedImages } from '../shared/aws/images.ts';
import { tagAsOurs } from '../shared/aws/tag-images.ts';
import { legacyInstanceName } from '../shared/domain/ownership.ts';
import { options } from './options.ts';

/**
 * `npm run adopt`: makes the images of the older Python system ours, so that retention takes them over.
 * It shows them first and asks; `-- --yes` does not ask.
 */
const { values } = options({ options: { yes: { type: 'boolean', default: false } } });

const found = await ownedImages({ Filters: [{ Name: 'tag:Reason', Values: ['Deploy'] }] }).catch(giveUp);
const legacy = found.flatMap((image) => {
  const instanceName = legacyInstanceName(image.imageName, image.tags);
  return instanceName ? [{ ...image, instanceName }] : [];
});
const byName = Map.groupBy(legacy, ({ instanceName }) => instanceName);

if (legacy.length === 0) {
  console.log(
    'No image of the older system is left to adopt (Reason=Deploy, named {instance name}-Deploy-…).',
  );
} else {
  show(byName);
  if (values.yes || (await agreed(legacy.length))) await adopt(byName);
  else console.log('Nothing was changed.');
}

function show(groups: typeof byName): void {
  for (const [instanceName, images] of groups) {
    console.log(`${instanceName}`);
    for (const image of images) console.log(`  ${line(image)}`);
  }
}

function line({ imageId, imageName, createdAt, snapshotIds }: OwnedImage): string {
  return `${imageId}  ${createdAt.slice(0, 10)}  ${imageName}  ${snapshotIds.length} snapshot(s)`;
}

async function agreed(count: number): Promise<boolean> {
  if (!process.stdin.isTTY) {
    console.error('Not asked, because this is no terminal: add `-- --yes` to adopt without being asked.');
    process.exitCode = 1;
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const region = await ec2.config.region();
  const account = legacy[0]?.ownerId;
  const answer = await terminal.question(
    `Tag these ${count} images and their snapshots in account ${account}, ${region}, as Amity's own?\n` +
      'Its clean-up will then delete those that are old enough. [y/N] ',
  );
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

async function adopt(groups: typeof byName): Promise<void> {
  for (const [instanceName, images] of groups) {
    await tagAsOurs(instanceName, images).catch(giveUp);
    console.log(`Adopted ${images.length} of ${instanceName}`);
  }
}

function giveUp(error: unknown): never {
  const { name, message } = ec2ErrorFacts(error);
  console.error(`EC2 did not answer as hoped: ${name}: ${message}`);
  console.error('What was adopted before stays so; run the command again to go on.');
  process.exit(1);
}
