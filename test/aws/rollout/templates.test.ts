import { CreateLaunchTemplateVersionCommand, ModifyLaunchTemplateCommand } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  createVersion,
  makeDefault,
  type Version,
  versionOf,
} from '../../../shared/aws/rollout/templates.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { once } from '../../support/calls.ts';
import { stopClock } from '../../support/clock.ts';
import { ami, RolloutWorld, TEMPLATE } from '../../support/rollout-world.ts';

stopClock();

let world: RolloutWorld;
beforeEach(() => {
  world = new RolloutWorld();
});
const sent = () => world.inputs(CreateLaunchTemplateVersionCommand);

describe('versionOf', () => {
  it.each([
    ['$Default', 2],
    ['$Latest', 3],
    ['1', 1],
  ])('%s', async (wanted, version) => {
    world.templates.add();
    for (const number of [2, 3]) world.templates.grow(TEMPLATE, { ImageId: ami(number) });
    world.templates.reset(TEMPLATE, 2);
    expect(await versionOf(TEMPLATE, wanted)).toMatchObject({ templateId: TEMPLATE, version });
  });

  it.each([
    ['lt-0000000f', '$Default'],
    [TEMPLATE, '7'],
  ])('%s:%s is gone', async (id, version) => {
    world.templates.add();
    expect(await versionOf(id, version)).toBeUndefined();
  });

  it('what cannot be read is an error', async () => {
    const error = ec2Error('UnauthorizedOperation');
    world.calls.faults = once({ when: 'before', how: 'throws', error });
    await expect(versionOf(TEMPLATE, '$Default')).rejects.toThrow('UnauthorizedOperation');
  });

  it('asks EC2 to resolve a parameter only where there is one', async () => {
    world.templates.add({ data: { ImageId: ami(1) } });
    expect(await versionOf(TEMPLATE, '1')).toMatchObject({ image: ami(1), imageId: ami(1) });
    expect(world.calls.count('DescribeLaunchTemplateVersions')).toBe(1);
    world.parameters.set('/golden', ami(2));
    world.templates.grow(TEMPLATE, { ImageId: 'resolve:ssm:/golden' });
    expect(await versionOf(TEMPLATE, '2')).toMatchObject({ image: 'resolve:ssm:/golden', imageId: ami(2) });
  });

  it('a parameter that EC2 does not resolve, and no image at all, are no id', async () => {
    world.templates.add({ data: { ImageId: 'resolve:ssm:/gone' } });
    expect(await versionOf(TEMPLATE, '1')).toMatchObject({ image: 'resolve:ssm:/gone', imageId: undefined });
    world.templates.grow(TEMPLATE, {});
    expect(await versionOf(TEMPLATE, '2')).toMatchObject({ image: undefined, imageId: undefined });
  });

  it.each([
    [{ Name: 'web' }, 'web'],
    [{ Arn: 'arn:aws:iam::000000000000:instance-profile/app/web' }, 'web'],
    [undefined, undefined],
  ])('the instance profile %o is called %s', async (IamInstanceProfile, profile) => {
    world.templates.add({ data: { ...(IamInstanceProfile && { IamInstanceProfile }) } });
    expect((await versionOf(TEMPLATE, '1'))?.profile).toBe(profile);
  });
});

describe('createVersion', () => {
  const create = (from: Version | undefined, overrides: object = {}) => {
    if (!from) throw new Error('no such version');
    return createVersion({ from, imageId: ami(2), requestId: 'one', securityGroupIds: [], ...overrides });
  };
  const first = () => versionOf(TEMPLATE, '1');

  it('is made once, however often it is called', async () => {
    world.templates.add();
    const from = await first();
    expect([await create(from), await create(from), await create(from)]).toEqual([2, 2, 2]);
    expect(sent()[0]).toMatchObject({ LaunchTemplateId: TEMPLATE, SourceVersion: '1' });
    expect(sent()[0]?.ClientToken).toMatch(/^[\x21-\x7e]{1,128}$/);
  });

  it('is another one of another image, other security groups, another version or template', async () => {
    world.templates.add();
    world.templates.add({ id: 'lt-0000000b' });
    const from = await first();
    const made = [
      await create(from),
      await create(from, { imageId: ami(3) }),
      await create(from, { securityGroupIds: ['sg-0000000a'] }),
      await create(await versionOf(TEMPLATE, '2')),
      await create(await versionOf('lt-0000000b', '1')),
    ];
    expect(made).toEqual([2, 3, 4, 5, 2]);
    expect(new Set(sent().map(({ ClientToken }) => ClientToken)).size).toBe(5);
  });

  it('is described, with the longest of ids, in no more than EC2 takes', async () => {
    world.templates.add();
    await create(await first(), { requestId: 'x'.repeat(128) });
    expect(sent()[0]?.VersionDescription).toBe(
      `amity: ${ami(2)}, request ${'x'.repeat(128)}, from version 1`,
    );
    expect(sent()[0]?.VersionDescription?.length).toBeLessThanOrEqual(255);
  });
});

it('makeDefault says the number, as EC2 wants it', async () => {
  world.templates.add();
  world.templates.grow(TEMPLATE, {});
  await makeDefault(TEMPLATE, 2);
  expect(world.inputs(ModifyLaunchTemplateCommand)).toEqual([
    { LaunchTemplateId: TEMPLATE, DefaultVersion: '2' },
  ]);
  await expect(makeDefault(TEMPLATE, 9)).rejects.toThrow('VersionNotFound');
});
