import { CreateImageUsageReportCommand, DescribeImageAttributeCommand } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it } from 'vitest';
import { sharesOf } from '../../../shared/aws/uses/shares.ts';
import { CleanUpWorld } from '../../support/clean-up-world.ts';
import { DAY, passes, stopClock } from '../../support/clock.ts';
import type { FakeUsers } from '../../support/fake-users.ts';

stopClock();
let world: CleanUpWorld;
let uses: FakeUsers;
beforeEach(() => {
  world = new CleanUpWorld();
  uses = world.home.uses;
  for (const id of ['ami-1', 'ami-2', 'ami-3']) world.home.add({ id });
});

const OTHER = '111122223333';
const share = (id: string, permission: object = { UserId: OTHER }) =>
  world.home.permissions.set(id, [permission]);
const shares = (ids = ['ami-1'], order = true) =>
  sharesOf(ids, { region: 'us-east-1', now: new Date(), order });
const usersOf = async (id = 'ami-1') => (await shares([id])).users.get(id);

it('of private images, nobody else is told, and no report is looked for', async () => {
  const { users, permissions } = await shares(['ami-1', 'ami-2']);
  expect([...users]).toEqual([
    ['ami-1', []],
    ['ami-2', []],
  ]);
  expect(permissions.size).toBe(0);
  expect(world.calls.names).toEqual(['DescribeImageAttribute', 'DescribeImageAttribute']);
  expect(world.inputs(DescribeImageAttributeCommand)[0]).toMatchObject({ Attribute: 'launchPermission' });
});

it('gives the permissions of those that are shared', async () => {
  share('ami-2');
  const { permissions } = await shares(['ami-1', 'ami-2']);
  expect([...permissions]).toEqual([['ami-2', [{ UserId: OTHER }]]]);
});

describe('a shared image with a recent report', () => {
  beforeEach(() => {
    share('ami-1');
  });

  it('is free where the report counts no use', async () => {
    uses.report('ami-1', 1, [{ AccountId: OTHER, ResourceType: 'ec2:Instance', UsageCount: 0 }]);
    expect(await usersOf()).toEqual([]);
    expect(world.inputs(CreateImageUsageReportCommand)).toEqual([]);
  });

  it('is in use where it counts any, by account and kind', async () => {
    uses.report('ami-1', 1, [
      { AccountId: OTHER, ResourceType: 'ec2:Instance', UsageCount: 4 },
      { AccountId: '444455556666', ResourceType: 'ec2:LaunchTemplate', UsageCount: 1 },
    ]);
    expect(await usersOf()).toEqual([
      `account ${OTHER} (4 ec2:Instance)`,
      'account 444455556666 (1 ec2:LaunchTemplate)',
    ]);
  });

  it('the newest report counts, in whatever order EC2 tells them', async () => {
    uses.report('ami-1', 2);
    uses.report('ami-1', 1, [{ AccountId: OTHER, ResourceType: 'ec2:Instance', UsageCount: 1 }]);
    expect(await usersOf()).toHaveLength(1);
    uses.reports.reverse();
    expect(await usersOf()).toHaveLength(1);
  });

  it('one that is ready counts before a newer one that is being made', async () => {
    uses.report('ami-1', 1);
    uses.report('ami-1', 0);
    uses.reports = uses.reports.map((each, index) => (index === 1 ? { ...each, State: 'pending' } : each));
    expect(await usersOf()).toEqual([]);
    uses.reports.reverse();
    expect(await usersOf()).toEqual([]);
  });

  it('paginates', async () => {
    for (const age of [2, 1.5]) uses.report('ami-1', age);
    uses.report(
      'ami-1',
      1,
      [1, 2, 3].map((UsageCount) => ({ AccountId: OTHER, ResourceType: `kind-${UsageCount}`, UsageCount })),
    );
    world.home.pageSize = 1;
    expect(await usersOf()).toHaveLength(3);
  });
});

describe('a shared image without a recent report', () => {
  const reason = (who: string) => [`shared with ${who}, no recent usage report`];

  it.each<[string, object]>([
    [OTHER, { UserId: OTHER }],
    ['all', { Group: 'all' }],
    [
      'arn:aws:organizations::1:organization/o-1',
      { OrganizationArn: 'arn:aws:organizations::1:organization/o-1' },
    ],
    [
      'arn:aws:organizations::1:ou/o-1/ou-1',
      { OrganizationalUnitArn: 'arn:aws:organizations::1:ou/o-1/ou-1' },
    ],
    ['somebody', {}],
  ])('is in use: shared with %s', async (who, permission) => {
    share('ami-1', permission);
    expect(await usersOf()).toEqual(reason(who));
  });

  it.each([
    ['three days old', 3, 'available' as const],
    ['failed', 1, 'error' as const],
  ])('one that is %s is none', async (_, age, State) => {
    share('ami-1');
    uses.report('ami-1', age);
    uses.reports = uses.reports.map((each) => ({ ...each, State }));
    expect(await usersOf()).toEqual(reason(OTHER));
    expect(world.inputs(CreateImageUsageReportCommand)).toHaveLength(1);
  });

  it('has one ordered, of every kind of use, one a day', async () => {
    share('ami-1');
    await shares();
    const [input] = world.inputs(CreateImageUsageReportCommand);
    expect(input).toMatchObject({ ImageId: 'ami-1', ClientToken: 'amity-ami-1-2025-06-05' });
    expect(input?.ResourceTypes?.map(({ ResourceType }) => ResourceType)).toEqual([
      'ec2:Instance',
      'ec2:LaunchTemplate',
      'imagebuilder:ImageRecipe',
      'imagebuilder:ContainerRecipe',
    ]);
    uses.reports = uses.reports.map((each) => ({ ...each, State: 'error' }));
    await shares();
    expect(world.inputs(CreateImageUsageReportCommand).at(-1)?.ClientToken).toBe(input?.ClientToken);
    expect(uses.reports).toHaveLength(1);
    passes(DAY);
    await shares();
    expect(uses.reports).toHaveLength(2);
  });

  it('waits for the one that was ordered, and then counts it', async () => {
    share('ami-1');
    await shares();
    expect(await usersOf()).toEqual(reason(OTHER));
    expect(world.inputs(CreateImageUsageReportCommand)).toHaveLength(1);
    uses.reports = uses.reports.map((each) => ({ ...each, State: 'available' }));
    expect(await usersOf()).toEqual([]);
  });

  it('has none ordered by who only looks', async () => {
    share('ami-1');
    const { users } = await shares(['ami-1'], false);
    expect(users.get('ami-1')).toEqual(reason(OTHER));
    expect(world.inputs(CreateImageUsageReportCommand)).toEqual([]);
  });
});
