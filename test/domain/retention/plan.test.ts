import { expect, it } from 'vitest';
import { decider, planRetention } from '../../../shared/domain/retention/plan.ts';
import { NOW } from '../../support/events.ts';
import { brakeCases } from './cases/brakes.ts';
import { expectedOf, factsOf, image, outcomeOf, RETENTION, snapshot } from './facts-of.ts';

it.each(brakeCases)('$name', (row) => {
  expect(outcomeOf(row, planRetention)).toEqual(expectedOf(row));
});

it('says of an image and of a snapshot all that it takes to act on them', () => {
  const facts = factsOf({
    images: [image('old', 20.9, { snapshotIds: ['snap-1'] })],
    snapshots: [
      snapshot('snap-1', 20.9, { bytes: 100 }),
      snapshot('snap-2', 30.1, { bytes: 7, tags: { Name: 'left' } }),
    ],
  });
  const common = { instanceName: 'service-api', against: [] };
  expect(planRetention(facts, RETENTION, NOW).entries).toEqual([
    {
      ...common,
      action: 'delete',
      wanted: 'delete',
      imageId: 'old',
      imageName: 'name-of-old',
      snapshotIds: ['snap-1'],
      bytes: 100,
      ageDays: 20,
      for: ['older than 14 days'],
    },
    expect.objectContaining({ imageId: 'new', action: 'keep', ageDays: 1 }),
    {
      ...common,
      action: 'delete-snapshot',
      wanted: 'delete-snapshot',
      imageId: 'ami-gone',
      imageName: 'left',
      snapshotId: 'snap-2',
      snapshotIds: ['snap-2'],
      bytes: 7,
      ageDays: 30,
      for: ['older than 14 days', 'its image is gone'],
    },
  ]);
});

it('decides once more with what is known by then, of the image as it is by then', () => {
  const old = image('old', 20);
  const facts = factsOf({ images: [old] });
  const decide = decider(facts, RETENTION, NOW);
  const unasked = { users: new Map(), unread: [] };
  expect(decide(old, facts.uses)).toMatchObject({ action: 'delete', against: [] });
  expect(decide(old, unasked)).toMatchObject({ action: 'keep', against: ['references unreadable'] });
  expect(decide({ ...old, state: 'pending' }, facts.uses)).toMatchObject({
    action: 'keep',
    wanted: 'delete',
    against: ['state pending'],
  });
});
