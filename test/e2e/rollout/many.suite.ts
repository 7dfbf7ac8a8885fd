import { describe, expect, it } from 'vitest';
import { announced, until } from '../support/flow.ts';
import { session } from '../support/rollout-session.ts';
import { follow, release, standOf } from '../support/rollouts.ts';

const MANY = 200;

/** Twenty at a time. */
async function each<Item>(items: readonly Item[], act: (item: Item) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < items.length; from += 20)
    await Promise.all(items.slice(from, from + 20).map(act));
}

describe('200 launch templates that follow one name', () => {
  it('all get its image, each is told once', async () => {
    await session.aws.control.setLimit('CreateLaunchTemplate', null);
    const { id, base } = await follow(session, 'fleet', { name: 'fleet-0' });
    const more = Array.from({ length: MANY - 1 }, (_, index) => ({
      name: `fleet-${index + 1}`,
      data: { ImageId: base },
    }));
    const ids = [id];
    await each(more, async (wanted) => ids.push((await follow(session, 'fleet', wanted)).id));
    const begun = Date.now();
    const { imageId } = await release(session, 'fleet', 3);
    const told = () => announced(session, 'AmiRolledOut', 'fleet');
    await until('all of them', () => told().length >= MANY, 110);
    console.info(`${MANY} launch templates: ${(Date.now() - begun) / 1000} s`);
    expect(told()).toHaveLength(MANY);
    expect(new Set(told().map(({ launchTemplateId }) => launchTemplateId)).size).toBe(MANY);
    const stands = new Set<string>();
    await each(ids, async (each) => stands.add(JSON.stringify(await standOf(session, each))));
    expect([...stands]).toEqual([JSON.stringify({ images: [base, imageId], default: 2 })]);
    expect(told()).toHaveLength(MANY);
    expect(announced(session, 'AmiRolloutFailed', 'fleet')).toEqual([]);
  });
});
