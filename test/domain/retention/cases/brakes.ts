import { image, type PlanCase, snapshot } from '../facts-of.ts';

const DUE = 'older than 14 days';
const numbered = (count: number) => Array.from({ length: count }, (_, index) => index);
const id = (index: number) => `old-${String(index).padStart(2, '0')}`;

const ages = [20, 30, 40, 50];
const cap: PlanCase[] = [
  {
    name: 'the oldest up to the cap, the rest is for the next run',
    images: ages.map((age) => image(`old-${age}`, age)),
    retention: { maxDeletionsPerRun: 3 },
    plan: [
      `old-50: delete (${DUE})`,
      `old-40: delete (${DUE})`,
      `old-30: delete (${DUE})`,
      `old-20: no delete (${DUE}): cap`,
    ],
  },
  {
    name: 'a cap of none',
    images: [image('old', 20)],
    snapshots: [snapshot('snap-1', 20)],
    retention: { maxDeletionsPerRun: 0 },
    plan: [`old: no delete (${DUE}): cap`, `snap-1: no delete-snapshot (${DUE}, its image is gone): cap`],
  },
  {
    name: 'as many as the cap',
    images: ages.slice(0, 2).map((age) => image(`old-${age}`, age)),
    retention: { maxDeletionsPerRun: 2 },
    plan: [`old-30: delete (${DUE})`, `old-20: delete (${DUE})`],
  },
  {
    name: 'what is kept takes nobody’s place, and has its own reason',
    images: [image('used', 50), image('a', 40), image('b', 30)],
    users: { used: ['instance/i-1'] },
    retention: { maxDeletionsPerRun: 1 },
    plan: [
      `used: no delete (${DUE}): in use: instance/i-1`,
      `a: delete (${DUE})`,
      `b: no delete (${DUE}): cap`,
    ],
  },
  {
    name: 'what is no deletion is no matter of the cap',
    images: [image('a', 40), image('b', 30), image('c', 20, { state: 'failed' })],
    retention: { maxDeletionsPerRun: 1, deprecateDays: 5 },
    plan: [
      'a: deprecate (older than 5 days)',
      'b: deprecate (older than 5 days)',
      `c: delete (${DUE}, failed)`,
    ],
  },
  {
    name: 'snapshots come after images, and count',
    images: [image('a', 20)],
    snapshots: [snapshot('snap-1', 90), snapshot('snap-2', 80)],
    retention: { maxDeletionsPerRun: 2 },
    plan: [
      `a: delete (${DUE})`,
      `snap-1: delete-snapshot (${DUE}, its image is gone)`,
      `snap-2: no delete-snapshot (${DUE}, its image is gone): cap`,
    ],
  },
];

/** Of so many images, with the one that is new, so many are old. */
const someOld = (images: number, old: number) =>
  numbered(images - 1).map((index) => image(id(index), index < old ? 50 - index / 10 : 2 - index / 100));
const linesOf = (images: number, old: number, ofOld: string) =>
  numbered(images - 1).map((index) => `${id(index)}: ${index < old ? ofOld : 'keep: young'}`);
const tooMany = (old: number, images: number, share = 0.5) =>
  `${old} of ${images} images would be disabled or deleted, more than the share of ${share} (retention.stopAboveShare)`;

const share: PlanCase[] = [
  {
    name: 'exactly the share',
    images: someOld(20, 10),
    plan: linesOf(20, 10, `delete (${DUE})`),
  },
  {
    name: 'above the share',
    images: someOld(20, 11),
    plan: linesOf(20, 11, `no delete (${DUE}): stopped`),
    stopped: tooMany(11, 20),
  },
  {
    name: 'of nineteen a share says nothing',
    images: someOld(19, 18),
    plan: linesOf(19, 18, `delete (${DUE})`),
  },
  {
    name: 'an image that is listed twice is one',
    images: [...someOld(19, 18), ...someOld(19, 18)],
    plan: linesOf(19, 18, `delete (${DUE})`),
  },
  {
    name: 'images of others are none of ours, whatever tags were copied onto them',
    images: [
      ...someOld(20, 11),
      ...numbered(5).map((index) => image(`x-${index}`, 1, { imageName: 'AwsBackup_i-1' })),
    ],
    plan: [
      ...linesOf(20, 11, `no delete (${DUE}): stopped`),
      ...numbered(5).map((index) => `x-${index}: keep: young`),
    ],
    stopped: tooMany(11, 20),
  },
  {
    name: 'a share of all never stops',
    images: someOld(20, 19),
    retention: { stopAboveShare: 1 },
    plan: linesOf(20, 19, `delete (${DUE})`),
  },
  {
    name: 'a share of its own',
    images: someOld(20, 3),
    retention: { stopAboveShare: 0.1 },
    plan: linesOf(20, 3, `no delete (${DUE}): stopped`),
    stopped: tooMany(3, 20, 0.1),
  },
  {
    name: 'disabling takes out of service too',
    images: someOld(20, 11),
    retention: { disableDays: 10 },
    plan: linesOf(20, 11, 'no disable (older than 10 days): stopped'),
    stopped: tooMany(11, 20),
  },
  {
    name: 'deprecating does not',
    images: someOld(20, 19),
    retention: { deprecateDays: 10 },
    plan: linesOf(20, 19, 'deprecate (older than 10 days)'),
  },
  {
    name: 'the cap does not make a mistake small: the share is that of the plan before it',
    images: someOld(20, 11),
    retention: { maxDeletionsPerRun: 1 },
    plan: linesOf(20, 11, `no delete (${DUE}): stopped`),
    stopped: tooMany(11, 20),
  },
  {
    name: 'what is kept anyway is not counted',
    images: someOld(20, 11),
    users: { [id(0)]: ['instance/i-1'] },
    plan: linesOf(20, 11, `delete (${DUE})`).with(0, `${id(0)}: no delete (${DUE}): in use: instance/i-1`),
  },
  {
    name: 'snapshots are not counted, but stopped with the images',
    images: someOld(20, 11),
    snapshots: [snapshot('snap-1', 20)],
    plan: [
      ...linesOf(20, 11, `no delete (${DUE}): stopped`),
      `snap-1: no delete-snapshot (${DUE}, its image is gone): stopped`,
    ],
    stopped: tooMany(11, 20),
  },
  {
    name: 'many snapshots of few images',
    images: someOld(20, 10),
    snapshots: numbered(15).map((index) => snapshot(`snap-${index + 10}`, 20)),
    plan: [
      ...linesOf(20, 10, `delete (${DUE})`),
      ...numbered(15).map((index) => `snap-${index + 10}: delete-snapshot (${DUE}, its image is gone)`),
    ],
  },
];

const bytes: PlanCase[] = [
  {
    name: 'bytes of all its snapshots, those that are known',
    images: [image('old', 20, { snapshotIds: ['snap-1', 'snap-2', 'snap-unknown'] })],
    snapshots: [snapshot('snap-1', 20, { bytes: 100 }), snapshot('snap-2', 20, { bytes: 11 })],
    plan: [`old: delete (${DUE}), 111 B`],
  },
  {
    name: 'a snapshot is one, however often it is listed',
    images: [image('old', 20, { snapshotIds: ['snap-1'] })],
    snapshots: [snapshot('snap-1', 20, { bytes: 100 }), snapshot('snap-1', 20, { bytes: 100 })],
    plan: [`old: delete (${DUE}), 100 B`],
  },
  {
    name: 'a snapshot of two devices of an image is one',
    images: [image('old', 20, { snapshotIds: ['snap-1', 'snap-1'] })],
    snapshots: [snapshot('snap-1', 20, { bytes: 100 })],
    plan: [`old: delete (${DUE}), 100 B`],
  },
];

const order: PlanCase[] = [
  {
    name: 'the oldest first, then by id; one that is listed twice is one',
    images: [image('c', 20), image('b', 30), image('a', 20), image('b', 30)],
    plan: [`b: delete (${DUE})`, `a: delete (${DUE})`, `c: delete (${DUE})`],
  },
  {
    name: 'images without a readable date come last, and confuse nobody',
    images: [image('c', 40), image('a', 30), image('b', Number.NaN)],
    retention: { maxDeletionsPerRun: 1 },
    plan: [`c: delete (${DUE})`, `a: no delete (${DUE}): cap`, 'b: keep: young'],
  },
  {
    name: 'nor do they in the other order',
    images: [image('a', 30), image('b', Number.NaN), image('c', 40)],
    retention: { maxDeletionsPerRun: 1 },
    plan: [`c: delete (${DUE})`, `a: no delete (${DUE}): cap`, 'b: keep: young'],
  },
];

/** How much a run may do, and in which order. */
export const brakeCases: readonly PlanCase[] = [...cap, ...share, ...bytes, ...order];
