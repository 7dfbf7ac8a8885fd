import { describe, expect, it } from 'vitest';
import {
  type FollowedImage,
  later,
  newestBefore,
  nextOf,
  type Place,
  type Standing,
} from '../../../shared/domain/rollout/newest.ts';
import { fc } from '../../support/property.ts';

const family = { instanceName: 'service-api', includesBackups: false };

/** Few seconds for many images, so that some share one. */
const images = fc.uniqueArray(
  fc.record({
    imageId: fc.integer({ min: 10, max: 60 }).map((number) => `ami-${number}`),
    imageName: fc.constant('packer-4711'),
    state: fc.oneof(
      { weight: 6, arbitrary: fc.constant('available') },
      { weight: 1, arbitrary: fc.constantFrom('pending', 'failed', 'disabled', 'deregistered') },
    ),
    createdAt: fc.integer({ min: 10, max: 25 }).map((second) => `2025-06-05T12:00:${second}.000Z`),
    tags: fc.oneof(
      { weight: 6, arbitrary: fc.constant({ 'amity:instance-name': 'service-api' }) },
      { weight: 1, arbitrary: fc.constant({ Name: 'service-api' }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom<FollowedImage['tags']>(
          { 'amity:instance-name': 'other' },
          { 'amity:instance-name': 'service-api', 'amity:failed': 'timeout' },
          { 'amity:instance-name': 'service-api', 'amity:rejected': 'incident-311' },
        ),
      },
    ),
  }),
  { selector: ({ imageId }) => imageId, minLength: 1, maxLength: 12 },
);
type Image = FollowedImage;

/** What sorts as the images do: both dates and ids are of one length here. */
const order = ({ createdAt, imageId }: Place) => `${createdAt} ${imageId}`;
const isOther = ({ tags }: Image) => tags['amity:instance-name'] === 'other';
const isRejected = ({ tags }: Image) => 'amity:rejected' in tags;
const mayRun = (image: Image) =>
  image.state === 'available' && !isOther(image) && !isRejected(image) && !('amity:failed' in image.tags);

/** What is in force after a look at these images. */
const lookedAt = (all: readonly Image[], standing: Standing): Standing => {
  const step = nextOf(family, all, standing);
  return step.act === 'go' ? { ...standing, present: step.image } : standing;
};

describe('images that become available in whatever order, and are told of however often', () => {
  const worlds = images.chain((all) =>
    fc.record({
      all: fc.constant(all),
      // Whose event comes, and when: some come twice, some never.
      order: fc.shuffledSubarray([...all, ...all], { minLength: all.length }),
      begun: fc.option(fc.constantFrom(...all), { nil: undefined }),
    }),
  );

  it('end at the newest that may run, unless what was rejected or in force before is newer', () => {
    fc.assert(
      fc.property(worlds, ({ all, order: arrivals, begun }) => {
        let standing: Standing = { present: begun ?? {} };
        const there = new Set<Image>();
        for (const image of arrivals) {
          there.add(image);
          // What has not come yet is still pending; its tags are there from the beginning.
          const seen = all.map((each) => (there.has(each) ? each : { ...each, state: 'pending' }));
          standing = lookedAt(seen, standing);
        }
        standing = lookedAt(all, standing);
        const best = all.filter(mayRun).map(order).sort().at(-1);
        const barred = all.filter((each) => isRejected(each) && !isOther(each)).map(order);
        const highest = [...barred, ...(begun ? [order(begun)] : [])].sort().at(-1) ?? '';
        const expected = best && best > highest ? best : begun && order(begun);
        const { imageId, createdAt } = standing.present;
        expect(imageId && createdAt && order({ imageId, createdAt })).toBe(expected);
        expect(nextOf(family, all, standing).act).toBe('keep');
      }),
    );
  });

  it('never take anything back in time, nor to what may not run, nor before what was rejected', () => {
    fc.assert(
      fc.property(worlds, fc.option(images, { nil: undefined }), ({ all, begun }, others) => {
        const floor = others?.[0];
        const step = nextOf(family, all, { present: begun ?? {}, floor });
        if (step.act === 'keep') {
          expect(step.why).not.toBe('');
          return;
        }
        const { image } = step;
        expect(mayRun(image)).toBe(true);
        const barred = [...all.filter((each) => isRejected(each) && !isOther(each)), begun, floor];
        for (const each of barred) if (each) expect(order(image) > order(each)).toBe(true);
      }),
    );
  });

  it('give the same step in whatever order they are listed, and however often', () => {
    fc.assert(
      fc.property(worlds, ({ all, order: arrivals, begun }) => {
        const standing = { present: begun ?? {} };
        const listed = [...new Set(arrivals)].length === all.length ? arrivals : [...arrivals, ...all];
        expect(nextOf(family, listed, standing)).toEqual(nextOf(family, all, standing));
      }),
    );
  });
});

/** A name's images, and a template that follows it. */
class Life {
  there: readonly Image[] = [];
  standing: Standing = { present: {} };
  readonly rejected: Image[] = [];
  readonly #coming: Image[];

  constructor(coming: readonly Image[]) {
    this.#coming = [...coming];
  }

  appears(): void {
    this.there = [...this.there, ...this.#coming.splice(0, 1)];
  }

  rejectedGoes(): void {
    this.there = this.there.filter((image) => !isRejected(image));
  }

  /** Whether it got another image. */
  looksForNewest(): boolean {
    const before = this.standing.present.imageId;
    this.standing = lookedAt(this.there, this.standing);
    return this.standing.present.imageId !== before;
  }

  /** Whether there was one to go back to. */
  goesBack(): boolean {
    const rejected = this.there.find(({ imageId }) => imageId === this.standing.present.imageId);
    const present = rejected && newestBefore(family, this.there, rejected);
    if (!rejected || !present) return false;
    this.rejected.push(rejected);
    const tags = { ...rejected.tags, 'amity:rejected': 'r' };
    this.there = this.there.map((image) => (image === rejected ? { ...image, tags } : image));
    this.standing = { present, floor: later(this.standing.floor, rejected) };
    expect(order(present) < order(rejected)).toBe(true);
    return true;
  }
}

it('rollbacks among them: what was rejected once never comes again, nor anything older', () => {
  const steps = fc.array(
    fc.constantFrom<'appears' | 'rejectedGoes' | 'looksForNewest' | 'goesBack'>(
      'appears',
      'rejectedGoes',
      'looksForNewest',
      'goesBack',
    ),
    { maxLength: 40 },
  );
  const done = { looksForNewest: 0, goesBack: 0 };
  fc.assert(
    fc.property(images, steps, (all, some) => {
      const life = new Life(all.filter(mayRun));
      for (const step of some) {
        const isDone = life[step]();
        if (!isDone || step === 'appears' || step === 'rejectedGoes') continue;
        done[step] += 1;
        const now = order(life.standing.present as Place);
        const last = life.rejected.map(order).sort().at(-1) ?? '';
        // Forward, only beyond what was rejected; back, to nothing that was.
        if (step === 'looksForNewest') expect(now > last).toBe(true);
        else expect(life.rejected.map(order)).not.toContain(now);
      }
    }),
  );
  // These lives have something to say.
  expect(done.goesBack).toBeGreaterThan(10);
  expect(done.looksForNewest).toBeGreaterThan(done.goesBack);
});

it('newestBefore is the newest of those that may run, and are older', () => {
  fc.assert(
    fc.property(images, ([first, ...all]) => {
      if (!first) return;
      const older = all.filter((image) => mayRun(image) && order(image) < order(first));
      const best = older.map(order).sort().at(-1);
      const found = newestBefore(family, [first, ...all], first);
      expect(found && order(found)).toBe(best);
    }),
  );
});
