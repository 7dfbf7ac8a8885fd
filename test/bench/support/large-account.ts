import { deserialize, serialize } from 'node:v8';
import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  type Image,
  type Snapshot,
} from '@aws-sdk/client-ec2';
import { mockClient } from 'aws-sdk-client-mock';
import type { Facts, ImageFacts, SnapshotFacts } from '../../../shared/domain/retention/facts.ts';
import type { Retention } from '../../../shared/domain/retention/policy.ts';
import { type Region, snapshotsOf } from './region.ts';
import { scene } from './scene.ts';
import { stopwatch, type Taken } from './stopwatch.ts';

export const IMAGES = 50_000;
export const SNAPSHOTS = 75_000;
export const REFERENCES = 5_000;
const NAMES = 500;

/** The default for some of the names, and what several teams want for others. */
export const RETENTION: Retention = {
  days: 14,
  keepNewest: 2,
  policies: [
    { names: ['service-1*'], days: 90, keepNewest: 5 },
    { names: ['*-2?', 'service-3*'], deprecateDays: 7, disableDays: 30, days: 60 },
    { names: ['service-4*9', 'web-*'], days: 200 },
    { names: ['batch-*', '*-nightly'], days: 3, keepNewest: 1 },
  ],
  maxDeletionsPerRun: 50,
  stopAboveShare: 1,
  launchTemplateVersions: 10,
};

const PAGES = 50;

/** As EC2 describes it, a thousand images at a time: a whole account of these is in nobody's memory. */
function* largeAccount(): Generator<Region> {
  const names = NAMES / PAGES;
  for (let page = 0; page < PAGES; page += 1) {
    const old = IMAGES / NAMES - 2;
    const region = scene({ names, first: page * names, old, newest: 2, state: 'available' });
    const used = [...region.images.keys()].filter((_id, index) => index % (IMAGES / REFERENCES) === 0);
    region.instances.push(...used.map((ImageId) => ({ ImageId, InstanceId: ImageId.replace('ami', 'i') })));
    yield region;
  }
}

/** What survey makes of it, without its code. */
export function largeFacts(): Facts {
  const [images, snapshots]: [ImageFacts[], SnapshotFacts[]] = [[], []];
  const users = new Map<string, string[]>();
  for (const region of largeAccount()) {
    images.push(...[...region.images.values()].map(imageFacts));
    snapshots.push(...[...region.snapshots.values()].map(snapshotFacts));
    for (const id of [...region.images.keys(), ...region.snapshots.keys()]) users.set(id, []);
    for (const { ImageId, InstanceId } of region.instances) users.get(`${ImageId}`)?.push(`${InstanceId}`);
  }
  return { images, snapshots, uses: { users, unread: [] } };
}

const imageFacts = (image: Image): ImageFacts => ({
  imageId: image.ImageId ?? '',
  imageName: image.Name ?? '',
  state: image.State ?? '',
  createdAt: new Date(image.CreationDate ?? 0),
  tags: tagsOf(image.Tags),
  snapshotIds: snapshotsOf(image),
  isProtected: false,
});

const snapshotFacts = (snapshot: Snapshot): SnapshotFacts => ({
  snapshotId: snapshot.SnapshotId ?? '',
  state: 'completed',
  startedAt: snapshot.StartTime ?? new Date(0),
  tags: tagsOf(snapshot.Tags),
  bytes: snapshot.FullSnapshotSizeInBytes ?? 0,
  madeFor: snapshot.Description?.split(' ').at(-1),
});

/** EC2 answers with it, page by page. Gives what its own making of answers has taken. */
export function largeEc2(): () => Taken {
  const pages: Record<'Images' | 'Snapshots' | 'Reservations', Buffer[]> = {
    Images: [],
    Snapshots: [],
    Reservations: [],
  };
  for (const { images, snapshots, instances } of largeAccount()) {
    pages.Images.push(serialize([...images.values()]));
    pages.Snapshots.push(serialize([...snapshots.values()]));
    pages.Reservations.push(serialize(instances.map((each) => ({ Instances: [each] }))));
  }
  let spent: Taken = { ms: 0, cpuMs: 0 };
  const answer =
    (name: keyof typeof pages) =>
    ({ NextToken = '0', Filters = [] }: { NextToken?: string; Filters?: { Name?: string }[] }) => {
      // Copies under way: there are none.
      if (Filters.some(({ Name }) => Name === 'state')) return {};
      const took = stopwatch();
      const [page, next] = [pages[name][Number(NextToken)], Number(NextToken) + 1];
      const items = page && deserialize(page);
      const { ms, cpuMs } = took();
      spent = { ms: spent.ms + ms, cpuMs: spent.cpuMs + cpuMs };
      return { [name]: items, ...(next < PAGES && { NextToken: String(next) }) };
    };
  mockClient(EC2Client)
    .onAnyCommand()
    .resolves({})
    .on(DescribeImagesCommand)
    .callsFake(answer('Images'))
    .on(DescribeSnapshotsCommand)
    .callsFake(answer('Snapshots'))
    .on(DescribeInstancesCommand)
    .callsFake(answer('Reservations'));
  return () => spent;
}

const tagsOf = (tags: Image['Tags'] = []) =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
