import { ResourceContentionFault, ScalingActivityInProgressFault } from '@aws-sdk/client-auto-scaling';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/ami-available/roll-out.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { once } from '../../support/calls.ts';
import { stopClock } from '../../support/clock.ts';
import { scalingError } from '../../support/fake-groups.ts';
import { ami, available, RolloutWorld, TEMPLATE } from '../../support/rollout-world.ts';
import { deliver } from '../../support/world.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: RolloutWorld;
beforeEach(() => {
  world = new RolloutWorld();
  world.has(1, 2);
});
const rollOut = async () => expect(await deliver(handler, [available()])).toEqual([]);
const failures = () => world.bus.of('AmiRolloutFailed');
const isAsBefore = () => {
  expect(world.changes).toEqual([]);
  expect(world.templates.shown(TEMPLATE)).toEqual({ images: [ami(1)], standard: 1 });
  expect(world.bus.of('AmiRolledOut')).toEqual([]);
};

describe('the role that a template passes', () => {
  const profile = (IamInstanceProfile: object) => world.follower({ data: { IamInstanceProfile } });

  it.each([
    ['not listed', ['admin'], 'has the role admin, which rollout.instanceRoles does not list'],
    ['listed by the ARN of another path', ['other/api'], 'has the role api'],
    ['two, one of them not listed', ['web', 'admin'], 'has the role admin'],
  ])('%s: nothing is changed', async (_, roles, message) => {
    world.profiles.set('web-profile', roles);
    profile({ Name: 'web-profile' });
    world.groups.add();
    await rollOut();
    expect(failures()).toEqual([
      {
        launchTemplateId: TEMPLATE,
        instanceName: 'service-api',
        imageId: ami(2),
        previousVersion: 1,
        previousImageId: ami(1),
        requestId: 'request-2',
        code: 'pass-role',
        message: expect.stringContaining(message),
      },
    ]);
    isAsBefore();
    await rollOut();
    expect(failures()).toHaveLength(1);
  });

  it.each([
    ['by its name', ['web'], { Name: 'web-profile' }],
    ['by its ARN', ['app/api'], { Name: 'web-profile' }],
    [
      'of a profile that is named by ARN',
      ['web'],
      { Arn: 'arn:aws:iam::000000000000:instance-profile/app/web-profile' },
    ],
    ['none', [], { Name: 'web-profile' }],
  ])('listed %s: rolled out', async (_, roles, of) => {
    world.profiles.set('web-profile', roles);
    profile(of);
    world.groups.add();
    await rollOut();
    expect(world.templates.shown(TEMPLATE).standard).toBe(2);
    expect(failures()).toEqual([]);
  });

  it('of a profile that does not exist is refused', async () => {
    profile({ Name: 'gone' });
    world.groups.add();
    await rollOut();
    expect(failures()).toMatchObject([
      { code: 'pass-role', message: expect.stringContaining('gone does not exist') },
    ]);
    isAsBefore();
  });

  it('is passed by nobody where no group is behind the template', async () => {
    world.profiles.set('web-profile', ['admin']);
    profile({ Name: 'web-profile' });
    await rollOut();
    expect(world.templates.shown(TEMPLATE).standard).toBe(2);
    expect(world.calls.count('GetInstanceProfile')).toBe(0);
  });

  it('that cannot be read: again later', async () => {
    profile({ Name: 'web-profile' });
    world.groups.add();
    world.calls.faults = once({ when: 'before', how: 'throws' }, { name: 'GetInstanceProfile' });
    expect(await deliver(handler, [available()])).toHaveLength(1);
    isAsBefore();
    await rollOut();
    expect(world.templates.shown(TEMPLATE).standard).toBe(2);
  });
});

describe('a tag that cannot be read', () => {
  it('is told once, and nothing is changed, nor is the group pinned', async () => {
    world.follower({ tags: { 'amity:security-group-ids': 'sg-0000000a web' } });
    world.groups.add();
    for (let times = 0; times < 3; times += 1) await rollOut();
    expect(failures()).toMatchObject([{ code: 'invalid-tag', message: expect.stringContaining('got web.') }]);
    isAsBefore();
  });

  it('is told again for the next image, and no more once it is mended', async () => {
    world.follower({ tags: { 'amity:security-group-ids': 'web' } });
    await rollOut();
    world.has(3);
    await rollOut();
    expect(failures().map(({ imageId }) => imageId)).toEqual([ami(2), ami(3)]);
    world.templates.retag(TEMPLATE, { 'amity:follow': 'service-api', 'amity:security-group-ids': '' });
    await rollOut();
    expect(failures()).toHaveLength(2);
    expect(world.templates.shown(TEMPLATE).images).toEqual([ami(1), ami(3)]);
  });
});

describe('what AWS refuses for good', () => {
  const refusals: [string, Error, string][] = [
    ['CreateLaunchTemplateVersion', ec2Error('UnauthorizedOperation'), 'access-denied'],
    ['CreateLaunchTemplateVersion', ec2Error('VersionLimitExceeded', 'too many', 400), 'ec2-rejected'],
    ['ModifyLaunchTemplate', ec2Error('UnauthorizedOperation'), 'access-denied'],
    ['UpdateAutoScalingGroup', scalingError('no', 'AccessDenied', 403), 'access-denied'],
    ['UpdateAutoScalingGroup', scalingError('You must not'), 'ec2-rejected'],
  ];
  it.each(refusals)('%s, %s: told once as %s', async (name, error, code) => {
    world.follower();
    world.groups.add();
    world.calls.faults = (each) => (each === name ? { when: 'before', how: 'throws', error } : undefined);
    for (let times = 0; times < 2; times += 1) await rollOut();
    expect(failures()).toMatchObject([
      { code, message: `${error.name}: ${error.message}`, launchTemplateId: TEMPLATE, imageId: ami(2) },
    ]);
    expect(world.templates.shown(TEMPLATE).standard).toBe(1);
    expect(world.executions).toEqual([]);
    world.calls.faults = () => undefined;
    await rollOut();
    expect(world.templates.shown(TEMPLATE)).toEqual({ images: [ami(1), ami(2)], standard: 2 });
    expect(world.bus.of('AmiRolledOut')).toHaveLength(1);
    expect(world.executions).toHaveLength(1);
  });

  it('a group that cannot be pinned keeps the template as it is', async () => {
    world.follower();
    world.groups.add();
    const error = scalingError('no', 'AccessDenied', 403);
    world.calls.faults = once({ when: 'before', how: 'throws', error }, { name: 'UpdateAutoScalingGroup' });
    await rollOut();
    expect(world.templates.shown(TEMPLATE).images).toEqual([ami(1)]);
  });
});

describe('what may pass', () => {
  const fault = { message: 'busy', $metadata: { httpStatusCode: 400 } };
  const troubles: [string, Error][] = [
    ['CreateLaunchTemplateVersion', ec2Error('RequestLimitExceeded')],
    ['ModifyLaunchTemplate', ec2Error('InternalError')],
    ['UpdateAutoScalingGroup', new ScalingActivityInProgressFault(fault)],
    ['UpdateAutoScalingGroup', new ResourceContentionFault(fault)],
    [
      'UpdateAutoScalingGroup',
      scalingError('An active instance refresh with a desired configuration exists.'),
    ],
    ['DescribeAutoScalingGroups', scalingError('Rate exceeded', 'Throttling')],
  ];
  it.each(troubles)('%s, %s: again later, and nobody is told', async (name, error) => {
    world.follower();
    world.groups.add();
    world.calls.faults = once({ when: 'before', how: 'throws', error }, { name });
    expect(await deliver(handler, [available()])).toHaveLength(1);
    expect(world.bus.published).toEqual([]);
    await rollOut();
    expect(world.templates.shown(TEMPLATE).standard).toBe(2);
    expect(world.bus.published.map(({ type }) => type)).toEqual(['AmiRolledOut']);
  });
});

describe('a template that is deleted', () => {
  const moments = [
    'Update',
    'DescribeLaunchTemplateVersions',
    'DescribeImages',
    'UpdateAutoScalingGroup',
    'CreateLaunchTemplateVersion',
    'ModifyLaunchTemplate',
  ];
  it.each(moments)('before %s: nobody is told, and it does not come again', async (name) => {
    world.follower();
    world.follower({ id: 'lt-0000000b' });
    world.groups.add();
    world.calls.before(name, () => world.templates.delete(TEMPLATE));
    await rollOut();
    expect(world.bus.published).toMatchObject([{ detail: { launchTemplateId: 'lt-0000000b' } }]);
    expect(world.executions).toEqual([]);
    expect(world.templates.shown('lt-0000000b').standard).toBe(2);
  });

  it('after it was rolled out is told of all the same', async () => {
    world.follower();
    world.groups.add();
    world.calls.before('PutEvents', () => world.templates.delete(TEMPLATE));
    await rollOut();
    expect(world.bus.of('AmiRolledOut')).toHaveLength(1);
  });
});
