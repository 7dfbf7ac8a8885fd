import { describe, expect, it } from 'vitest';
import { allowingIn, ec2, type Statement, scopeOf, statementsOf } from './support/statements.ts';
import { FULL, type Resource, synthesize } from './support/synthesize.ts';

type Stack = ReturnType<typeof synthesize>;

const full = synthesize(FULL);
const plain = synthesize();

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const TAGGED = { Null: { 'aws:RequestTag/amity:builder': 'false' } };
const OURS = { Null: { 'aws:ResourceTag/amity:builder': 'false' } };

const all = ({ template }: Stack): Statement[] =>
  statementsOf(template as Parameters<typeof statementsOf>[0]);
const allowing = ({ template }: Stack, action: string): Statement[] => allowingIn(template, action);
const idOf = ({ of }: Stack, type: string, start: string) =>
  of(type).find(([id]) => id.startsWith(start))?.[0] ?? `no ${start}`;
const signal = (stack: Stack) => ({
  Effect: 'Allow',
  Action: ['states:SendTaskFailure', 'states:SendTaskSuccess'],
  Resource: { Ref: idOf(stack, 'AWS::StepFunctions::StateMachine', 'Bake') },
});
const runBuilder = idOf(full, 'AWS::IAM::Role', 'BakeRunBuilderRole');
const ofRunBuilder = (action: string) => allowing(full, action).filter(({ where }) => where === runBuilder);
/** What a policy is attached to, by name. */
const policiesOf = (stack: Stack, role: unknown): Resource['Properties'][] =>
  stack
    .of('AWS::IAM::Policy')
    .map(([, { Properties }]) => Properties)
    .filter(({ Roles }) => JSON.stringify(Roles).includes(JSON.stringify(role)));

describe("the builders' own role", () => {
  const { Properties } = plain.one('AWS::IAM::Role', 'BakeBuilderRole');

  it('may signal the end of a bake, and do nothing else at all', () => {
    const own = { Ref: idOf(plain, 'AWS::IAM::Role', 'BakeBuilderRole') };
    expect(policiesOf(plain, own).map(({ PolicyDocument }) => PolicyDocument.Statement)).toEqual([
      [signal(plain)],
    ]);
    expect(Properties.ManagedPolicyArns).toBeUndefined();
    expect(Properties.Policies).toBeUndefined();
  });

  it('is for EC2 alone, and in the profile that builders get by default', () => {
    expect(Properties.AssumeRolePolicyDocument.Statement).toEqual([
      { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'ec2.amazonaws.com' } },
    ]);
    const profiles = plain.of('AWS::IAM::InstanceProfile');
    expect(profiles.map(([, profile]) => profile.Properties.Roles)).toEqual([
      [{ Ref: idOf(plain, 'AWS::IAM::Role', 'BakeBuilderRole') }],
    ]);
    const { Variables } = plain.one('AWS::Lambda::Function', 'BakeRunBuilder').Properties.Environment;
    const settings = JSON.parse(
      Variables.BAKE['Fn::Join'][1]
        .map((part: string | { Ref: string }) => (typeof part === 'string' ? part : part.Ref))
        .join(''),
    );
    expect(settings.instanceProfiles).toEqual([profiles[0]?.[0]]);
  });
});

describe('the roles of profiles that are listed', () => {
  it('get the same permission', () => {
    for (const listed of ['web-builder', 'db-builder-role']) {
      const [policy, ...more] = policiesOf(full, listed);
      expect(more).toEqual([]);
      expect(policy?.PolicyDocument.Statement).toEqual([signal(full)]);
      expect(policy?.Roles).toEqual(['web-builder', 'db-builder-role']);
    }
  });

  it('are the only ones, with our own, that a builder may be given, and by EC2 alone', () => {
    const own = role(idOf(full, 'AWS::IAM::Role', 'BakeBuilderRole'));
    const listed = ['web-builder', 'db-builder-role'].map(role);
    expect(ofRunBuilder('iam:PassRole').map(scopeOf)).toEqual([
      {
        resources: [own, ...listed].toSorted(),
        conditions: {
          StringEquals: { 'iam:PassedToService': { 'Fn::Join': ['', ['ec2.', { Ref: 'AWS::URLSuffix' }]] } },
        },
      },
    ]);
  });

  it('are none by default', () => {
    const attachedTo = plain.of('AWS::IAM::Policy').flatMap(([, { Properties: policy }]) => policy.Roles);
    expect(attachedTo.filter((each) => typeof each === 'string')).toEqual([]);
    const roles = allowing(plain, 'iam:PassRole').flatMap(({ resources }) => resources);
    expect(roles).toEqual([expect.stringContaining(':role/BakeBuilderRole')]);
  });
});

describe('builders', () => {
  it('are started by one function, only with our tag and only with IMDSv2', () => {
    const others = new Set(allowing(full, 'ec2:RunInstances').map(({ where }) => where));
    // Who else starts an instance: rollout-permissions.test.ts, move-permissions.test.ts.
    expect([...others].filter((where) => where.startsWith('Bake'))).toEqual([runBuilder]);
    expect(ofRunBuilder('ec2:RunInstances').map(scopeOf)).toEqual([
      {
        resources: [ec2('instance')],
        conditions: { ...TAGGED, StringEquals: { 'ec2:MetadataHttpTokens': 'required' } },
      },
      { resources: [ec2('network-interface'), ec2('volume')], conditions: TAGGED },
      {
        resources: [
          'arn:aws:ec2:us-east-1::image/*',
          'arn:aws:ec2:us-east-1::snapshot/*',
          ec2('security-group'),
          ec2('subnet'),
        ].toSorted(),
        conditions: {},
      },
    ]);
  });

  it('get a security group with our tag, and tags by the calls alone that make them', () => {
    expect(allowing(full, 'ec2:CreateSecurityGroup').map(scopeOf)).toEqual([
      { resources: [ec2('security-group')], conditions: TAGGED },
      { resources: [ec2('vpc')], conditions: {} },
    ]);
    expect(ofRunBuilder('ec2:CreateTags').map(scopeOf)).toEqual([
      {
        resources: ['instance', 'network-interface', 'security-group', 'volume'].map(ec2),
        conditions: { StringEquals: { 'ec2:CreateAction': ['RunInstances', 'CreateSecurityGroup'] } },
      },
    ]);
  });

  it.each([
    ['ec2:StopInstances', 'instance', ['BakeStopBuilder']],
    [
      'ec2:TerminateInstances',
      'instance',
      ['BakeTearDown', 'ScheduleCleanUp', 'StatesExecutionChangeGiveUpBake'],
    ],
    [
      'ec2:DeleteSecurityGroup',
      'security-group',
      ['BakeTearDown', 'ScheduleCleanUp', 'StatesExecutionChangeGiveUpBake'],
    ],
    ['ec2:GetConsoleOutput', 'instance', ['BakeTearDown', 'ScheduleCleanUp']],
  ])('%s is of what has our tag, in every role that may', (action, kind, places) => {
    // Of a move: move-permissions.test.ts.
    const statements = allowing(full, action).filter(({ where }) => !where.startsWith('Move'));
    expect(statements.map(({ where }) => where).toSorted()).toEqual(
      places.map((place) => expect.stringMatching(new RegExp(`^${place}\\w*Role`))),
    );
    for (const statement of statements)
      expect(scopeOf(statement)).toEqual({ resources: [ec2(kind)], conditions: OURS });
  });

  it('are neither started again nor rebooted nor changed by anyone', () => {
    const actions = all(full).flatMap((each) => each.actions);
    expect(
      actions.filter((each) =>
        /^ec2:(StartInstances|RebootInstances|Modify(?!ImageAttribute|LaunchTemplate)|Auth)/.test(each),
      ),
    ).toEqual([]);
  });
});

describe('what is configured alone', () => {
  it('is read from buckets, and encrypted with customer keys through EC2', () => {
    expect(allowing(full, 's3:GetObject').map(scopeOf)).toEqual([
      { resources: ['arn:aws:s3:::amity-user-data/*'], conditions: {} },
    ]);
    const via = { 'Fn::Join': ['', ['ec2.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }]] };
    const viaEc2 = { StringEquals: { 'kms:ViaService': via } };
    expect(allowing(full, 'kms:GenerateDataKeyWithoutPlaintext').map(scopeOf)).toEqual([
      { resources: FULL.bake.kmsKeyArns, conditions: viaEc2 },
    ]);
    expect(allowing(full, 'kms:CreateGrant').map(scopeOf)).toEqual([
      {
        resources: FULL.bake.kmsKeyArns,
        conditions: { ...viaEc2, Bool: { 'kms:GrantIsForAWSResource': 'true' } },
      },
    ]);
  });

  it('is nothing by default', () => {
    const actions = all(plain).flatMap((each) =>
      each.kind === 'identity' && each.effect === 'Allow' ? each.actions : [],
    );
    expect(actions.filter((each) => /^(s3|kms):/.test(each))).toEqual([]);
  });
});
