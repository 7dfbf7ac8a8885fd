import { describe, expect, it } from 'vitest';
import { allowingIn, ec2, scopeOf, statementsOf } from './support/statements.ts';
import { FULL, synthesize } from './support/synthesize.ts';

const { template } = synthesize(FULL);
const plain = synthesize();

/** Where in the stack a role is: `AmiAvailableRollOut` of `AmiAvailableRollOutFunctionRoleA6D8763B`. */
const placeOf = (where: string) => where.replace(/(Function|StateMachine)?Role[0-9A-F]{8}$/, '');
const placesOf = (action: string, from: object = template) =>
  [...new Set(allowingIn(from, action).map(({ where }) => placeOf(where)))].sort();
const scopesOf = (place: string, action: string) =>
  allowingIn(template, action)
    .filter(({ where }) => placeOf(where) === place)
    .map(scopeOf);

const ROLLS = ['AmiAvailableRollOut', 'AmiRollbackRequestedRollBack', 'ScheduleFollowNewest'];
const LAUNCHES = [...ROLLS, 'RolloutStartRefresh'].sort();
const POINTS = ['AmiAvailableSetPointer', 'AmiRollbackRequestedRollBack', 'ScheduleFollowNewest'];
const PASSED_BY_EC2 = {
  StringEquals: { 'iam:PassedToService': { 'Fn::Join': ['', ['ec2.', { Ref: 'AWS::URLSuffix' }]] } },
};

/** Of all roles together: what they may do that begins so. */
const actionsLike = (pattern: RegExp) =>
  [
    ...new Set(
      statementsOf(template as Parameters<typeof statementsOf>[0])
        .filter(({ kind, effect }) => kind === 'identity' && effect === 'Allow')
        .flatMap(({ actions }) => actions)
        .filter((action) => pattern.test(action)),
    ),
  ].sort();

describe('a launch template', () => {
  it.each([
    ['ec2:CreateLaunchTemplateVersion', ['AmiAvailableRollOut', 'ScheduleFollowNewest']],
    ['ec2:ModifyLaunchTemplate', ROLLS],
  ])('that follows a name is all that %s is of', (action, places) => {
    expect(placesOf(action)).toEqual(places);
    for (const place of places)
      expect(scopesOf(place, action)).toEqual([
        {
          resources: [ec2('launch-template')],
          conditions: { Null: { 'aws:ResourceTag/amity:follow': 'false' } },
        },
      ]);
  });

  it('is changed in no other way by anyone, nor made, nor deleted', () => {
    expect(actionsLike(/^ec2:(?!Describe).*LaunchTemplate/)).toEqual([
      'ec2:CreateLaunchTemplateVersion',
      'ec2:ModifyLaunchTemplate',
    ]);
  });

  it('may name any parameter for its image, which is not decrypted', () => {
    const statements = statementsOf(template as Parameters<typeof statementsOf>[0]);
    for (const place of LAUNCHES) {
      expect(scopesOf(place, 'ssm:GetParameters')).toEqual([
        {
          resources: [
            'arn:aws:ssm:us-east-1:111122223333:parameter/*',
            'arn:aws:ssm:us-east-1::parameter/aws/service/*',
          ],
          conditions: {},
        },
      ]);
      const denied = statements.filter(({ where, effect }) => placeOf(where) === place && effect === 'Deny');
      expect(denied).toMatchObject([
        { actions: ['kms:Decrypt'], resources: ['arn:aws:kms:us-east-1:111122223333:key/*'], conditions: {} },
      ]);
    }
  });
});

describe('an Auto Scaling group', () => {
  const refreshed = {
    resources: ['arn:aws:autoscaling:us-east-1:111122223333:autoScalingGroup:*:autoScalingGroupName/*'],
    conditions: { StringEquals: { 'aws:ResourceTag/amity:refresh': 'true' } },
  };

  it.each([
    ['autoscaling:UpdateAutoScalingGroup', ROLLS],
    ['autoscaling:StartInstanceRefresh', ['RolloutStartRefresh']],
    ['autoscaling:CancelInstanceRefresh', ['RolloutStartRefresh']],
  ])('that wants to be refreshed is all that %s is of', (action, places) => {
    expect(placesOf(action)).toEqual(places);
    for (const place of places) expect(scopesOf(place, action)).toEqual([refreshed]);
  });

  it('is changed in no other way by anyone', () => {
    expect(actionsLike(/^autoscaling:(?!Describe)/)).toEqual([
      'autoscaling:CancelInstanceRefresh',
      'autoscaling:StartInstanceRefresh',
      'autoscaling:UpdateAutoScalingGroup',
    ]);
  });

  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html
  it('starts its instances through a launch template of this account alone, and tags them with that call alone', () => {
    for (const place of LAUNCHES) {
      const [run, ...more] = scopesOf(place, 'ec2:RunInstances');
      expect(more).toEqual([]);
      const templates = [':launch-template/*'];
      expect(run?.conditions).toMatchObject({
        ArnLike: { 'ec2:LaunchTemplate': [{ 'Fn::Join': ['', expect.arrayContaining(templates)] }] },
      });
      const kinds = run?.resources.map((arn) => arn.replace(/^arn:aws:ec2:us-east-1:(111122223333)?:/, ''));
      expect(kinds?.toSorted()).toEqual([
        'capacity-reservation/*',
        'image/*',
        'instance/*',
        'key-pair/*',
        'launch-template/*',
        'network-interface/*',
        'placement-group/*',
        'security-group/*',
        'snapshot/*',
        'subnet/*',
        'volume/*',
      ]);
      expect(scopesOf(place, 'ec2:CreateTags')).toContainEqual({
        resources: ['instance', 'network-interface', 'spot-instances-request', 'volume'].map(ec2),
        conditions: { StringEquals: { 'ec2:CreateAction': 'RunInstances' } },
      });
    }
    const starts = placesOf('ec2:RunInstances').filter((place) => !/^(Bake|Move)/.test(place));
    expect(starts).toEqual(LAUNCHES);
  });
});

describe('a role', () => {
  it('is passed to what a group starts when it is listed, by its name, whatever its path, or its ARN', () => {
    for (const place of LAUNCHES)
      expect(scopesOf(place, 'iam:PassRole')).toEqual([
        {
          resources: [
            'arn:aws:iam::111122223333:role/*/service-api',
            'arn:aws:iam::111122223333:role/app/service-db',
            'arn:aws:iam::111122223333:role/service-api',
          ],
          conditions: PASSED_BY_EC2,
        },
      ]);
    expect(placesOf('iam:PassRole')).toEqual(
      [...LAUNCHES, 'BackupJobStateChangeRequestImage', 'BakeRunBuilder', 'MoveRunInstance'].sort(),
    );
  });

  it('is passed to nothing by default, but ours to builders', () => {
    expect(placesOf('iam:PassRole', plain.template)).toEqual(['BakeRunBuilder']);
  });

  it('is found by its profile, which is only read', () => {
    expect(placesOf('iam:GetInstanceProfile')).toEqual([...ROLLS, 'MoveRequestImage'].sort());
    for (const { resources } of allowingIn(template, 'iam:GetInstanceProfile'))
      expect(resources).toEqual(['arn:aws:iam::111122223333:instance-profile/*']);
    expect(actionsLike(/^iam:/)).toEqual(['iam:GetInstanceProfile', 'iam:PassRole']);
  });
});

describe('an image that is rolled back', () => {
  it('gets the tag that says so, and no other', () => {
    expect(scopesOf('AmiRollbackRequestedRollBack', 'ec2:CreateTags')).toContainEqual({
      resources: ['arn:aws:ec2:us-east-1::image/*'],
      conditions: {
        'ForAllValues:StringEquals': { 'aws:TagKeys': ['amity:rejected'] },
        Null: { 'aws:TagKeys': 'false' },
      },
    });
    expect(scopesOf('AmiRollbackRequestedRollBack', 'ec2:CreateTags')).toHaveLength(2);
    expect(scopesOf('AmiAvailableRollOut', 'ec2:CreateTags')).toHaveLength(1);
  });
});

describe('a pointer', () => {
  it.each(['ssm:PutParameter', 'ssm:GetParameter'])('%s: under its own path alone', (action) => {
    for (const place of POINTS)
      expect(scopesOf(place, action)).toEqual([
        { resources: ['arn:aws:ssm:us-east-1:111122223333:parameter/amity/images/*'], conditions: {} },
      ]);
  });

  it('is written by nobody else, and nothing else is', () => {
    expect(placesOf('ssm:PutParameter')).toEqual(POINTS);
    expect(actionsLike(/^ssm:(?!Get|Describe)/)).toEqual(['ssm:PutParameter']);
  });

  // https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-ec2-aliases.html
  it('is checked by AWS with the permissions of whoever writes it', () => {
    expect(placesOf('ec2:DescribeImages')).toEqual(expect.arrayContaining(POINTS));
  });
});

describe('a workflow', () => {
  const ofMachine = (name: string) => [expect.stringMatching(`:stateMachine:${name}StateMachine\\w+$`)];

  it.each([
    ...ROLLS.map((place) => [place, 'Rollout'] as const),
    ['AmiMoveRequestedStartMove', 'Move'] as const,
  ])('is started by %s: %s, and no other', (place, machine) => {
    expect(scopesOf(place, 'states:StartExecution')).toEqual([
      { resources: ofMachine(machine), conditions: {} },
    ]);
  });

  it('of a refresh is woken by who hears of its end', () => {
    expect(scopesOf('AutoScalingRefreshChangeWakeRollout', 'states:SendTaskSuccess')).toEqual([
      { resources: ofMachine('Rollout'), conditions: {} },
    ]);
  });
});
