import { DescribeLaunchTemplatesCommand, DescribeLaunchTemplateVersionsCommand } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  followedTemplates,
  usedByChoices,
  usedByRollbacks,
  usedByTemplates,
} from '../../../shared/aws/uses/launch-templates.ts';
import { versionsInForce } from '../../../shared/aws/uses/template-versions.ts';
import { describeVersion, type TemplateChoice } from '../../../shared/domain/retention/template-uses.ts';
import { FOLLOW_TAG } from '../../../shared/domain/rollout/follower.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { once } from '../../support/calls.ts';
import { CleanUpWorld } from '../../support/clean-up-world.ts';
import type { FakeUsers } from '../../support/fake-users.ts';

const HOME = 'us-east-1';
let world: CleanUpWorld;
let uses: FakeUsers;
beforeEach(() => {
  world = new CleanUpWorld();
  uses = world.home.uses;
});

/** A template with so many versions; the second is its default. */
const template = (templateId: string, versions = 3) => {
  for (let version = 1; version <= versions; version += 1)
    uses.version({ templateId, version, isDefault: version === 2, image: `ami-${templateId}-${version}` });
};

describe('versionsInForce', () => {
  it('are $Default and $Latest of every template, in one kind of call', async () => {
    template('lt-1');
    template('lt-2', 2);
    const users = usedByTemplates(await versionsInForce(HOME));
    expect([...users]).toEqual([
      ['ami-lt-1-2', ['launch-template/lt-1:2']],
      ['ami-lt-1-3', ['launch-template/lt-1:3']],
      ['ami-lt-2-2', ['launch-template/lt-2:2']],
    ]);
    expect(world.calls.names).toEqual(['DescribeLaunchTemplateVersions']);
  });

  it('use the snapshots that they name, and no image where they name none', async () => {
    uses.version({ isDefault: true, snapshotIds: ['snap-1', 'snap-2'] });
    expect([...usedByTemplates(await versionsInForce(HOME)).keys()]).toEqual(['snap-1', 'snap-2']);
  });

  it('paginates', async () => {
    for (const id of ['lt-1', 'lt-2', 'lt-3']) template(id, 2);
    world.home.pageSize = 1;
    expect(await versionsInForce(HOME)).toHaveLength(3);
    expect(world.inputs(DescribeLaunchTemplateVersionsCommand)).toMatchObject(
      Array.from({ length: 3 }, () => ({ MaxResults: 200 })),
    );
  });
});

describe('an image that a parameter names', () => {
  it('is the parameter’s to tell, where its present value is meant', async () => {
    uses.version({ isDefault: true, image: 'resolve:ssm:/golden/image' });
    expect(await versionsInForce(HOME)).toMatchObject([{ image: 'resolve:ssm:/golden/image' }]);
    expect(world.calls.count('DescribeLaunchTemplateVersions')).toBe(1);
  });

  it('is asked for, where a version or a label of it is pinned', async () => {
    uses.version({ isDefault: true, image: 'resolve:ssm:/golden/image:3' });
    uses.parameters.set('/golden/image:3', 'ami-pinned');
    expect([...usedByTemplates(await versionsInForce(HOME)).keys()]).toEqual(['ami-pinned']);
    expect(world.inputs(DescribeLaunchTemplateVersionsCommand)[1]).toMatchObject({
      LaunchTemplateId: 'lt-1',
      Versions: ['1'],
      ResolveAlias: true,
    });
  });

  it('that EC2 cannot resolve leaves everything open', async () => {
    uses.version({ isDefault: true, image: 'resolve:ssm:/golden/image:gone' });
    await expect(versionsInForce(HOME)).rejects.toThrow(
      'launch-template/lt-1:1 starts resolve:ssm:/golden/image:gone, which cannot be resolved',
    );
  });
});

describe('usedByChoices', () => {
  const user = 'autoScalingGroup/web';
  const imagesOf = async (...choices: Partial<TemplateChoice>[]) => {
    const full = choices.map((choice) => ({ version: '$Default', user, ...choice }));
    return [...(await usedByChoices(HOME, full, await versionsInForce(HOME))).keys()];
  };
  beforeEach(() => {
    template('lt-1');
    template('lt-2');
  });

  it.each<[string, Partial<TemplateChoice>, string]>([
    ['$Default, by id', { templateId: 'lt-1' }, 'ami-lt-1-2'],
    ['$Latest, by id', { templateId: 'lt-1', version: '$Latest' }, 'ami-lt-1-3'],
    ['$Default, by name', { templateName: 'name-of-lt-2' }, 'ami-lt-2-2'],
    ['$Latest, by name', { templateName: 'name-of-lt-2', version: '$Latest' }, 'ami-lt-2-3'],
    ['a number, by id', { templateId: 'lt-1', version: '1' }, 'ami-lt-1-1'],
    ['a number, by name', { templateName: 'name-of-lt-2', version: '1' }, 'ami-lt-2-1'],
  ])('%s', async (_, choice, image) => {
    expect(await imagesOf(choice)).toEqual([image]);
  });

  it('reads the numbered versions of a template in one call', async () => {
    template('lt-3', 5);
    const numbered = ['1', '3', '4', '3'].map((version) => ({ templateId: 'lt-3', version }));
    expect(await imagesOf(...numbered, { templateId: 'lt-3', version: '$Latest' })).toEqual([
      'ami-lt-3-1',
      'ami-lt-3-3',
      'ami-lt-3-4',
      'ami-lt-3-5',
    ]);
    expect(world.inputs(DescribeLaunchTemplateVersionsCommand).slice(1)).toEqual([
      { LaunchTemplateId: 'lt-3', Versions: ['1', '3', '4'] },
    ]);
  });

  it.each<[string, Partial<TemplateChoice>]>([
    ['a template, by id', { templateId: 'lt-gone', version: '1' }],
    ['a template, by name', { templateName: 'name-of-lt-gone', version: '1' }],
    ['a version', { templateId: 'lt-1', version: '9' }],
  ])('%s that is gone starts nothing', async (_, choice) => {
    expect(await imagesOf(choice)).toEqual([]);
  });

  it('a version that is gone does not hide the others', async () => {
    const choices = ['9', '1'].map((version) => ({ templateId: 'lt-1', version }));
    expect(await imagesOf(...choices)).toEqual(['ami-lt-1-1']);
  });

  it('what cannot be read is an error', async () => {
    const inForce = await versionsInForce(HOME);
    const error = ec2Error('UnauthorizedOperation');
    world.calls.faults = once({ when: 'before', how: 'throws', error });
    const choices = [{ templateId: 'lt-1', version: '1', user }];
    await expect(usedByChoices(HOME, choices, inForce)).rejects.toThrow('UnauthorizedOperation');
  });
});

describe('templates that follow a name', () => {
  const ours = (version: number, previous: number) =>
    uses.version({
      templateId: 'lt-f',
      version,
      isDefault: version === 5,
      image: `ami-${version}`,
      description: describeVersion(`ami-${version}`, 'request', previous),
    });
  beforeEach(() => {
    template('lt-1');
    uses.followed.add('lt-f');
  });

  it('are read as deep as EC2 looks for references', async () => {
    for (let version = 1; version <= 6; version += 1) ours(version, version - 1);
    const followed = await followedTemplates(HOME, await versionsInForce(HOME), 3);
    expect([...followed.keys()]).toEqual(['lt-f']);
    expect(followed.get('lt-f')?.map(({ version }) => version)).toEqual([4, 5, 6]);
    expect(world.inputs(DescribeLaunchTemplatesCommand)).toMatchObject([
      { Filters: [{ Name: 'tag-key', Values: [FOLLOW_TAG] }] },
    ]);
  });

  it('are read whole where they have fewer versions', async () => {
    for (const version of [1, 2]) ours(version, version - 1);
    const followed = await followedTemplates(HOME, await versionsInForce(HOME), 10);
    expect(followed.get('lt-f')).toHaveLength(2);
    expect(world.inputs(DescribeLaunchTemplateVersionsCommand).at(-1)).not.toHaveProperty('MinVersion');
  });

  it.each([
    ['among those that were read', 10],
    ['older than those', 1],
  ])('keep the image that a rollback would go back to, %s', async (_, depth) => {
    for (let version = 1; version <= 5; version += 1) ours(version, version === 5 ? 2 : version - 1);
    const inForce = await versionsInForce(HOME);
    const followed = await followedTemplates(HOME, inForce, depth);
    expect(await usedByRollbacks(HOME, followed, inForce)).toEqual(
      new Map([['ami-2', ['rollback of launch-template/lt-f:5']]]),
    );
  });

  it.each([
    ['was made by a person', 'hotfix, from version 2'],
    ['goes back to one that is gone', describeVersion('ami-5', 'request', 9)],
  ])('keep nothing where the version in force %s', async (_, description) => {
    ours(4, 3);
    uses.version({ templateId: 'lt-f', version: 5, isDefault: true, image: 'ami-5', description });
    const inForce = await versionsInForce(HOME);
    const followed = await followedTemplates(HOME, inForce, 10);
    expect(await usedByRollbacks(HOME, followed, inForce)).toEqual(new Map());
  });

  it('paginates', async () => {
    for (const id of ['lt-f', 'lt-g', 'lt-h']) {
      uses.followed.add(id);
      template(id, 2);
    }
    const inForce = await versionsInForce(HOME);
    world.home.pageSize = 1;
    const followed = await followedTemplates(HOME, inForce, 10);
    expect([...followed].map(([id, versions]) => [id, versions.length])).toEqual([
      ['lt-f', 2],
      ['lt-g', 2],
      ['lt-h', 2],
    ]);
  });
});
