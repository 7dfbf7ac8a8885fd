import { DescribeImagesCommand } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it } from 'vitest';
import { imagesOfNames, withImage } from '../../../shared/aws/rollout/family.ts';
import { ami, RolloutWorld } from '../../support/rollout-world.ts';

let world: RolloutWorld;
beforeEach(() => {
  world = new RolloutWorld();
});
const ids = async (...names: string[]) =>
  (await imagesOfNames(names)).map(({ imageId }) => imageId).toSorted();
const named = (number: number, Name: string) => world.addImage(number, { tags: { Name } });

describe('imagesOfNames', () => {
  it('are those with our tag, or with that name, each once', async () => {
    world.has(1);
    named(2, 'service-api');
    world.addImage(3, { tags: { Name: 'service-api', 'amity:instance-name': 'service-api' } });
    named(4, 'service-api-2');
    world.addImage(5, { ownerId: '111111111111' });
    expect(await ids('service-api')).toEqual([ami(1), ami(2), ami(3)]);
  });

  it.each(['*', 'service-ap?'])('%s is a name, not a pattern', async (name) => {
    world.has(1);
    named(2, name);
    expect(await ids(name)).toEqual([ami(2)]);
  });

  it('asks for 200 names at a time, each once', async () => {
    named(1, 'name-450');
    const names = Array.from({ length: 451 }, (_, index) => `name-${index}`);
    expect(await ids(...names, ...names)).toEqual([ami(1)]);
    const values = world.inputs(DescribeImagesCommand).map(({ Filters }) => Filters?.[0]?.Values?.length);
    expect(values).toEqual([200, 200, 200, 200, 51, 51]);
  });

  it('paginates', async () => {
    world.has(1, 2, 3);
    world.ec2.pageSize = 1;
    expect(await ids('service-api')).toEqual([ami(1), ami(2), ami(3)]);
  });

  it('of no name asks nothing', async () => {
    expect(await ids()).toEqual([]);
    expect(world.calls.names).toEqual([]);
  });
});

describe('withImage', () => {
  const all = async (imageId: string) => {
    const images = await imagesOfNames(['service-api']);
    world.calls.names.length = 0;
    return (await withImage(images, imageId)).map((each) => each.imageId);
  };

  it('asks for the one that the list does not have', async () => {
    world.has(1);
    named(2, 'late');
    expect(await all(ami(2))).toEqual([ami(1), ami(2)]);
  });

  it('asks nothing where the list has it', async () => {
    world.has(1);
    expect(await all(ami(1))).toEqual([ami(1)]);
    expect(world.calls.names).toEqual([]);
  });

  it('leaves out what is gone, or somebody else’s', async () => {
    world.has(1);
    world.addImage(3, { ownerId: '111111111111', tags: {} });
    expect(await all(ami(2))).toEqual([ami(1)]);
    expect(await all(ami(3))).toEqual([ami(1)]);
  });
});
