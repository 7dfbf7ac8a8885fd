import { beforeEach, expect, it } from 'vitest';
import { usedByCopies } from '../../../shared/aws/uses/copies.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { once } from '../../support/calls.ts';
import { CleanUpWorld } from '../../support/clean-up-world.ts';

const REGIONS = ['us-east-1', 'eu-west-1'];
let world: CleanUpWorld;
beforeEach(() => {
  world = new CleanUpWorld();
});

function copy(into: string, id: string, from: { SourceImageId?: string; SourceImageRegion?: string }) {
  Object.assign(world.region(into).add({ id, state: 'pending' }), from);
}

it('an image is in use while it is copied, within its region or into another one', async () => {
  copy('us-east-1', 'ami-here', { SourceImageId: 'ami-1', SourceImageRegion: 'us-east-1' });
  copy('eu-west-1', 'ami-there', { SourceImageId: 'ami-1', SourceImageRegion: 'us-east-1' });
  copy('us-east-1', 'ami-silent', { SourceImageId: 'ami-2' });
  expect(await usedByCopies('us-east-1', REGIONS)).toEqual(
    new Map([
      ['ami-1', ['copy ami-here in us-east-1', 'copy ami-there in eu-west-1']],
      ['ami-2', ['copy ami-silent in us-east-1']],
    ]),
  );
});

it.each([
  ['an image that is being made, of an instance', {}],
  ['a copy of another region’s image', { SourceImageId: 'ami-1', SourceImageRegion: 'eu-west-1' }],
])('%s uses nothing here', async (_, from) => {
  copy('us-east-1', 'ami-new', from);
  expect(await usedByCopies('us-east-1', REGIONS)).toEqual(new Map());
});

it('a copy that is done uses nothing any more', async () => {
  copy('us-east-1', 'ami-copy', { SourceImageId: 'ami-1', SourceImageRegion: 'us-east-1' });
  world.home.image('ami-copy').State = 'available';
  expect(await usedByCopies('us-east-1', REGIONS)).toEqual(new Map());
});

it('looks into its own region even where that is not among those of the configuration', async () => {
  copy('us-west-2', 'ami-copy', { SourceImageId: 'ami-1', SourceImageRegion: 'us-west-2' });
  expect([...(await usedByCopies('us-west-2', REGIONS)).keys()]).toEqual(['ami-1']);
});

it('a region that cannot be read leaves it open', async () => {
  const error = ec2Error('AuthFailure');
  world.calls.faults = once({ when: 'before', how: 'throws', error }, { name: 'eu-west-1/DescribeImages' });
  await expect(usedByCopies('us-east-1', REGIONS)).rejects.toThrow('AuthFailure');
});

it('paginates', async () => {
  for (const id of ['1', '2', '3']) copy('us-east-1', `ami-copy-${id}`, { SourceImageId: `ami-${id}` });
  world.home.pageSize = 1;
  expect((await usedByCopies('us-east-1', [])).size).toBe(3);
});
