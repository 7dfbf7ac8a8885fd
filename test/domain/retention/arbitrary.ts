import type { Tags } from '../../../shared/domain/ownership.ts';
import type { Facts, ImageFacts, SnapshotFacts } from '../../../shared/domain/retention/facts.ts';
import type { NamedPolicy, Retention } from '../../../shared/domain/retention/policy.ts';
import { NOW } from '../../support/events.ts';
import { fc } from '../../support/property.ts';
import { daysAgo } from './facts-of.ts';

/** Few of each, so that they meet. */
const imageIds = fc.integer({ min: 10, max: 60 }).map((number) => `ami-${number}`);
const snapshotIds = fc.integer({ min: 10, max: 60 }).map((number) => `snap-${number}`);
const names = ['a', 'b', 'web-1'];

/** Mostly past, some to the second as old as a policy says, a few of the future, or not to be read at all. */
const dates = fc
  .oneof(
    { weight: 12, arbitrary: fc.integer({ min: 0, max: 70 }) },
    { weight: 12, arbitrary: fc.double({ min: 0, max: 70, noNaN: true }) },
    { weight: 1, arbitrary: fc.integer({ min: -20, max: -1 }) },
    { weight: 1, arbitrary: fc.constant(Number.NaN) },
  )
  .map(daysAgo);
const written = fc.oneof(
  { weight: 6, arbitrary: dates.map((date) => (Number.isNaN(date.getTime()) ? 'NaN' : date.toISOString())) },
  { weight: 1, arbitrary: fc.constantFrom('', 'soon', '0', '2025-13-01', NOW.toString()) },
);

const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const plainTags = fc.record({ 'amity:instance-name': fc.constantFrom(...names) });
const anyTags = fc
  .record({
    'amity:instance-name': fc.constantFrom(...names, ...names, '', undefined),
    'amity:keep': maybe(fc.constantFrom('true', 'false', '', 'no')),
    'amity:retention-days': maybe(fc.constantFrom('3', '7', '40', '0', 'soon', '-1')),
    'amity:failed': maybe(fc.constantFrom('deadline', '')),
    'amity:rejected': maybe(fc.constantFrom('incident-311', '')),
    'amity:restored-at': maybe(written),
    'amity:disabled-at': fc.option(written, { nil: undefined }),
    'aws:backup:source-resource': maybe(fc.constant('i-1')),
    'dlm:managed': maybe(fc.constant('true')),
    CreatedBy: maybe(fc.constantFrom('EC2 Image Builder', 'terraform')),
  })
  .map((all) =>
    Object.fromEntries(
      Object.entries(all).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
    ),
  );

const tags: fc.Arbitrary<Tags> = fc.oneof(
  { weight: 3, arbitrary: plainTags },
  { weight: 1, arbitrary: anyTags },
);

const images: fc.Arbitrary<ImageFacts> = fc.record({
  imageId: imageIds,
  imageName: fc.oneof(
    { weight: 20, arbitrary: fc.constant('a-2025') },
    { weight: 1, arbitrary: fc.constantFrom('AwsBackup_i-1', 'awsbackup_1', '') },
  ),
  state: fc.oneof(
    { weight: 10, arbitrary: fc.constant('available') },
    { weight: 3, arbitrary: fc.constant('disabled') },
    { weight: 2, arbitrary: fc.constantFrom('failed', 'error', 'invalid') },
    { weight: 1, arbitrary: fc.constantFrom('pending', 'transient', 'deregistered', 'unheard-of', '') },
  ),
  createdAt: dates,
  tags,
  snapshotIds: fc.array(snapshotIds, { maxLength: 3 }),
  deprecatedAt: fc.option(dates, { freq: 2, nil: undefined }),
  isProtected: fc.constantFrom(...Array<boolean>(12).fill(false), true),
});

const snapshots: fc.Arbitrary<SnapshotFacts> = fc.record({
  snapshotId: snapshotIds,
  state: fc.oneof(
    { weight: 8, arbitrary: fc.constant('completed') },
    { weight: 1, arbitrary: fc.constantFrom('pending', 'error', 'unheard-of') },
  ),
  startedAt: dates,
  tags,
  bytes: fc.nat(1000),
  madeFor: fc.option(fc.oneof(imageIds, fc.constantFrom('ami-gone', '')), { freq: 8, nil: undefined }),
});

/** Who is said to use something, or that nobody has asked: of what has no such entry it is known that nobody does. */
const users = fc.array(
  fc.tuple(
    fc.oneof(imageIds, snapshotIds),
    fc.option(fc.array(fc.constantFrom('instance/i-1', 'lt-1', 'lt-2'), { maxLength: 2 }), { freq: 3 }),
  ),
  { maxLength: 6 },
);

/** Realistic in the main, and in its rare corners hostile. */
export const someFacts: fc.Arbitrary<Facts> = fc
  .record({
    images: fc.uniqueArray(images, { selector: ({ imageId }) => imageId, maxLength: 45, size: 'max' }),
    snapshots: fc.uniqueArray(snapshots, {
      selector: ({ snapshotId }) => snapshotId,
      maxLength: 20,
      size: 'max',
    }),
    users,
    unread: fc.oneof(
      { weight: 20, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.constant(['copies']) },
    ),
  })
  .map(({ users: said, unread, ...facts }) => {
    const all = new Map<string, readonly string[] | null>([
      ...facts.images.map(({ imageId }) => [imageId, []] as const),
      ...facts.snapshots.map(({ snapshotId }) => [snapshotId, []] as const),
      ...said,
    ]);
    const known = [...all].flatMap(([id, of]) => (of ? [[id, of] as const] : []));
    return { ...facts, uses: { users: new Map(known), unread } };
  });

/** Stages in their order: another one is refused at synth. */
const stages = fc
  .uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 3, maxLength: 3 })
  .map((days) => days.toSorted((a, b) => a - b))
  .chain(([deprecateDays = 0, disableDays = 0, days = 0]) =>
    fc.record({
      deprecateDays: fc.option(fc.constant(deprecateDays), { nil: undefined }),
      disableDays: fc.option(fc.constant(disableDays), { nil: undefined }),
      days: fc.constant(days),
      keepNewest: fc.integer({ min: 1, max: 3 }),
    }),
  );

const policies: fc.Arbitrary<NamedPolicy> = fc.record({
  names: fc.subarray([...names, 'web-*', '*'], { minLength: 1, maxLength: 2 }),
  days: fc.option(fc.integer({ min: 41, max: 60 }), { nil: undefined }),
  keepNewest: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
});

export const somePolicy: fc.Arbitrary<Retention> = fc
  .record({
    stages,
    policies: fc.array(policies, { maxLength: 2 }),
    maxDeletionsPerRun: fc.oneof(fc.nat(10), fc.constant(50)),
    stopAboveShare: fc.oneof(fc.constant(1), fc.double({ min: 0.01, max: 1, noNaN: true })),
  })
  .map(({ stages: common, ...more }) => ({ ...common, ...more, launchTemplateVersions: 10 }));

/** Without the brakes. */
export const brakeless = (retention: Retention): Retention => ({
  ...retention,
  maxDeletionsPerRun: Number.POSITIVE_INFINITY,
  stopAboveShare: 1,
});
