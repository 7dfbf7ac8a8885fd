import { beforeEach, describe, expect, it } from 'vitest';
import { askAbout } from '../../../shared/aws/retention/ask.ts';
import { lookAgain } from '../../../shared/aws/retention/survey.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { once } from '../../support/calls.ts';
import { CleanUpWorld, old } from '../../support/clean-up-world.ts';
import { stopClock } from '../../support/clock.ts';
import { scope } from '../../support/scope.ts';

stopClock();
let world: CleanUpWorld;
beforeEach(() => {
  world = new CleanUpWorld();
  world.has(20, 30, 40);
});
const images = (...ages: number[]) => lookAgain(ages.map(old), 'us-east-1');
const ask = async (all: Awaited<ReturnType<typeof images>>) =>
  askAbout(all, { followed: new Map() }, scope(), true);
const vanishes = (age: number) => () => {
  world.home.images = world.home.images.filter(({ ImageId }) => ImageId !== old(age));
};

it('puts references and shares together', async () => {
  world.home.uses.references.set(old(20), ['arn:aws:ec2:r:a:instance/i-1']);
  world.home.permissions.set(old(30), [{ UserId: '111122223333' }]);
  const { uses, permissions } = await ask(await images(20, 30));
  expect([...uses.users]).toEqual([
    [old(20), ['instance/i-1']],
    [old(30), [expect.stringContaining('no recent usage report')]],
  ]);
  expect(uses.unread).toEqual([]);
  expect([...permissions.keys()]).toEqual([old(30)]);
});

it('nothing is asked of no image', async () => {
  expect((await ask([])).images.size).toBe(0);
  expect(world.calls.names).toEqual([]);
});

it('a disabled image is not asked with whom it is shared: EC2 has dropped that', async () => {
  world.home.disable({ ImageId: old(20) });
  const { uses } = await ask(await images(20));
  expect(world.calls.count('DescribeImageAttribute')).toBe(0);
  expect(uses.users.get(old(20))).toEqual([]);
});

describe('an image that goes away meanwhile', () => {
  it.each(['DescribeImageReferences', 'DescribeImageAttribute'])(
    '%s: the others are asked again',
    async (name) => {
      const all = await images(20, 30, 40);
      world.calls.before(name, vanishes(30));
      const { images: there, uses } = await ask(all);
      expect([...there.keys()]).toEqual([old(20), old(40)]);
      expect([...uses.users.keys()]).toEqual([old(20), old(40)]);
      expect(uses.unread).toEqual([]);
    },
  );

  it('alone leaves nothing to ask', async () => {
    const all = await images(30);
    world.calls.before('DescribeImageReferences', vanishes(30));
    expect(await ask(all)).toMatchObject({ images: new Map(), uses: { unread: [] } });
  });

  it('again and again is not waited for: everything is kept', async () => {
    const error = ec2Error('InvalidAMIID.Unavailable', 'gone');
    world.calls.faults = (name) =>
      name === 'DescribeImageReferences' ? { when: 'before', how: 'throws', error } : undefined;
    const { images: there, uses } = await ask(await images(20, 30));
    expect(uses.unread).toEqual(['image references: InvalidAMIID.Unavailable: gone']);
    expect(there.size).toBe(2);
    expect(world.calls.count('DescribeImageReferences')).toBe(3);
  });
});

it.each([
  'DescribeImageReferences',
  'DescribeImageAttribute',
  'DescribeImageUsageReports',
  'CreateImageUsageReport',
])('%s down: nothing is known, and it says so', async (name) => {
  world.home.permissions.set(old(20), [{ UserId: '111122223333' }]);
  const error = ec2Error('UnauthorizedOperation', 'not you');
  world.calls.faults = once({ when: 'before', how: 'throws', error }, { name });
  const { uses } = await ask(await images(20));
  expect(uses.unread).toEqual(['image references: UnauthorizedOperation: not you']);
});
