import './support/environment.ts';
import { ec2In } from '../../shared/aws/ec2.ts';
import { answerAtOnce } from './support/instant.ts';
import { ours } from './support/ours.ts';
import { inBatches, oneByOne, peer } from './support/peers.ts';
import { printTable, printTargets, type Target } from './support/print.ts';
import { NOW, scene } from './support/scene.ts';
import { LIMIT, VirtualEc2 } from './support/virtual-ec2.ts';
import { inVirtualTime } from './support/virtual-time.ts';

/**
 * `npm run bench`: how long a clean-up of 10,000 images takes on an EC2 with the documented token buckets, and what it
 * asks of it; ours, and as others do it. In virtual time, with everything by chance from one seed: the figures are the
 * same on every machine.
 */
const IMAGES = 10_000;
const NAMES = 100;
const NEWEST = 2;
const MOST_CALLS = 1.15;
const LIMIT_MINUTES = (IMAGES - LIMIT.size) / LIMIT.refill / 60;

interface Measured {
  readonly name: string;
  readonly ec2: VirtualEc2;
  readonly minutes: number;
}

answerAtOnce();
const disabled = await measure('Amity, disabled before', 'disabled', (ec2) =>
  ours(ec2, 'us-east-1', { disableDays: 10 }),
);
const available = await measure('Amity, still available', 'available', (ec2) => ours(ec2, 'us-east-2'));
const isOld = ({ CreationDate = '' }) => NOW.getTime() - Date.parse(CreationDate) > 14 * 86_400_000;
const one = await measure('one call after the other', 'available', (ec2) => peer(ec2, oneByOne, isOld));
const batches = await measure('in batches, unpaced', 'available', (ec2) => peer(ec2, inBatches, isOld));

console.log(
  `Clean-up of ${IMAGES} images with 1.5 snapshots each; EC2's own limit is ${LIMIT_MINUTES.toFixed(1)} minutes\n`,
);
printTable([
  ['', 'minutes', 'of the limit', 'to ours', 'calls an image', 'throttles'],
  ...[disabled, available, one, batches].map(({ name, ec2, minutes }) => [
    name,
    minutes.toFixed(1),
    `x${(minutes / LIMIT_MINUTES).toFixed(3)}`,
    `x${(minutes / available.minutes).toFixed(2)}`,
    (ec2.total / IMAGES).toFixed(3),
    String(ec2.throttles),
  ]),
]);
for (const each of [disabled, available]) printCalls(each);

console.log('\nTargets, disabled before');
const hold = printTargets([
  ...targetsOf(disabled),
  { what: 'calls an image', is: calls(disabled), most: MOST_CALLS },
]);
console.log('Targets, still available');
const holdToo = printTargets([
  ...targetsOf(available),
  {
    what: 'calls an image, one of them for its launch permissions',
    is: calls(available),
    most: MOST_CALLS + 1,
  },
]);
// It fails nobody: but DescribeImageAttribute, one image a call, EC2 has nothing that says with whom an image is shared.
// DisableImage has ended that for those that a former stage has disabled.
printTargets([{ what: 'calls an image in all', is: calls(available), most: MOST_CALLS }]);
if (!hold || !holdToo) process.exitCode = 1;

async function measure(
  name: string,
  state: 'available' | 'disabled',
  work: (ec2: VirtualEc2) => Promise<void>,
): Promise<Measured> {
  const region = scene({ names: NAMES, old: IMAGES / NAMES, newest: NEWEST, state, instances: 500 });
  const ec2 = new VirtualEc2(region);
  // Credentials are looked for once, in files too: that takes real time.
  await ec2In('us-east-1').config.credentials();
  const ms = await inVirtualTime(NOW, () => work(ec2));
  const left = [region.images.size, region.snapshots.size].join();
  if (left !== [NAMES * NEWEST, NAMES * NEWEST * 1.5].join())
    throw new Error(`${name} leaves ${left} images and snapshots`);
  return { name, ec2, minutes: ms / 60_000 };
}

function calls({ ec2 }: Measured): number {
  return ec2.total / IMAGES;
}

function targetsOf({ minutes, ec2 }: Measured): Target[] {
  const { asked, batches } = ec2.region;
  return [
    { what: 'minutes to the limit', is: minutes / LIMIT_MINUTES, most: 1.05 },
    { what: 'throttles', is: ec2.throttles, most: 0 },
    { what: 'references read, times an image', is: Math.max(...asked.values()), most: 1 },
    { what: 'calls for references', is: batches.length, most: IMAGES / 10 },
  ];
}

function printCalls({ name, ec2 }: Measured): void {
  console.log(`\n${name}: calls by action`);
  printTable(
    [...ec2.calls]
      .toSorted((a, b) => b[1] - a[1])
      .map(([action, count]) => [`  ${action}`, String(count), `${(count / IMAGES).toFixed(4)} an image`]),
  );
}
