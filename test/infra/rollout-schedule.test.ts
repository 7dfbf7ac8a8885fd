import { describe, expect, it } from 'vitest';
import { allowingIn, scopeOf } from './support/statements.ts';
import { FULL, synthesize } from './support/synthesize.ts';

const full = synthesize(FULL);
const plain = synthesize();

type Stack = ReturnType<typeof synthesize>;
const idOf = ({ of }: Stack, type: string, start: string) =>
  of(type).find(([id]) => id.startsWith(start))?.[0] ?? `no ${start}`;
const undelivered = (stack: Stack) => ({
  'Fn::GetAtt': [idOf(stack, 'AWS::SQS::Queue', 'DeadLettersUndelivered'), 'Arn'],
});
const roleOf = (stack: Stack, start: string) => ({
  'Fn::GetAtt': [idOf(stack, 'AWS::IAM::Role', start), 'Arn'],
});
/** What EventBridge Scheduler may do under a role. */
const mayOf = ({ template }: Stack, start: string) =>
  ['lambda:InvokeFunction', 'events:PutEvents', 'sqs:SendMessage'].flatMap((action) =>
    allowingIn(template, action)
      .filter(({ where }) => where.startsWith(start))
      .map((statement) => [action, scopeOf(statement)] as const),
  );

describe('what follows the newest image', () => {
  const timer = (stack: Stack) => stack.one('AWS::Scheduler::Schedule', 'ScheduleFollowNewest').Properties;

  it('is called at two every night, by the time zone of everything', () => {
    expect(timer(plain)).toMatchObject({
      ScheduleExpression: 'cron(0 2 * * ? *)',
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
    });
    const seoul = synthesize({ timeZone: 'Asia/Seoul' });
    expect(timer(seoul).ScheduleExpressionTimezone).toBe('Asia/Seoul');
  });

  it('is called when the configuration says, by a time zone of its own', () => {
    expect(timer(full).ScheduleExpressionTimezone).toBe('Asia/Seoul');
    const hourly = synthesize({
      timeZone: 'Europe/Berlin',
      rollout: { schedule: 'rate(1 hour)', timeZone: 'America/New_York' },
    });
    expect(timer(hourly)).toMatchObject({
      ScheduleExpression: 'rate(1 hour)',
      ScheduleExpressionTimezone: 'America/New_York',
    });
    // The clean-up keeps the time zone of everything.
    expect(hourly.one('AWS::Scheduler::Schedule', 'ScheduleRule').Properties).toMatchObject({
      ScheduleExpressionTimezone: 'Europe/Berlin',
    });
  });

  it('is a function that the stack names; a call that cannot be made is a letter', () => {
    const arn = { 'Fn::GetAtt': [idOf(full, 'AWS::Lambda::Function', 'ScheduleFollowNewest'), 'Arn'] };
    expect(full.outputs.FollowNewestFunctionName).toEqual({
      Value: { Ref: idOf(full, 'AWS::Lambda::Function', 'ScheduleFollowNewest') },
    });
    expect(timer(full).Target).toMatchObject({
      Arn: arn,
      Input: '{}',
      RoleArn: roleOf(full, 'ScheduleFollowNewestRole'),
      DeadLetterConfig: { Arn: undelivered(full) },
      RetryPolicy: { MaximumEventAgeInSeconds: 3600 },
    });
    expect(full.one('AWS::Lambda::Function', 'ScheduleFollowNewest').Properties.Timeout).toBe(900);
  });

  it('is all that its role may call', () => {
    const [call, letter, ...more] = mayOf(full, 'ScheduleFollowNewestRole');
    expect(more).toEqual([]);
    expect(call).toEqual([
      'lambda:InvokeFunction',
      {
        resources: [expect.stringMatching(/:function:ScheduleFollowNewestFunction\w+$/)],
        conditions: {},
      },
    ]);
    expect(letter?.[0]).toBe('sqs:SendMessage');
    expect(letter?.[1].resources).toEqual([expect.stringMatching(/:DeadLettersUndelivered\w+$/)]);
  });
});

describe('the window for reboots', () => {
  const { Variables } = full.one('AWS::Lambda::Function', 'BackupJobStateChange').Properties.Environment;
  const group = idOf(full, 'AWS::Scheduler::ScheduleGroup', 'RebootWindow');
  const ofBackup = (action: string) =>
    allowingIn(full.template, action)
      .filter(({ where }) => where.startsWith('BackupJobStateChange'))
      .map(scopeOf);

  it('is told to who asks for the images, with where its schedules go', () => {
    expect(Variables).toMatchObject({
      REBOOT_WINDOW: '02:00-04:00',
      TIME_ZONE: 'UTC',
      SCHEDULE_GROUP: { Ref: group },
      SCHEDULE_ROLE_ARN: roleOf(full, 'RebootWindowRole'),
      UNDELIVERED_ARN: undelivered(full),
      BUS_ARN: { 'Fn::GetAtt': [idOf(full, 'AWS::Events::EventBus', 'Bus'), 'Arn'] },
    });
  });

  it('has a group of schedules of its own, under a name that fits whatever the stack is called', () => {
    expect(full.one('AWS::Scheduler::ScheduleGroup', 'RebootWindow').Properties ?? {}).not.toHaveProperty(
      'Name',
    );
  });

  it('is for schedules of that group, under a role that Scheduler alone has', () => {
    expect(ofBackup('scheduler:CreateSchedule')).toEqual([
      { resources: [`arn:aws:scheduler:us-east-1:111122223333:schedule/${group}/*`], conditions: {} },
    ]);
    expect(ofBackup('iam:PassRole')).toEqual([
      {
        resources: [`arn:aws:iam::111122223333:role/${idOf(full, 'AWS::IAM::Role', 'RebootWindowRole')}`],
        conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
      },
    ]);
    const { AssumeRolePolicyDocument } = full.one('AWS::IAM::Role', 'RebootWindowRole').Properties;
    expect(AssumeRolePolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Service: 'scheduler.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]);
  });

  it('lets that role ask for images in our name, and tell what it could not ask for', () => {
    const [put, letter, ...more] = mayOf(full, 'RebootWindowRole');
    expect(more).toEqual([]);
    expect(put).toMatchObject([
      'events:PutEvents',
      {
        conditions: {
          'ForAllValues:StringEquals': { 'events:detail-type': ['AmiRequested'], 'events:source': ['amity'] },
        },
      },
    ]);
    expect(letter?.[0]).toBe('sqs:SendMessage');
  });

  it('is none by default: no group, no role, no permission', () => {
    expect(plain.of('AWS::Scheduler::ScheduleGroup')).toEqual([]);
    const environment = plain.one('AWS::Lambda::Function', 'BackupJobStateChange').Properties.Environment;
    expect(environment.Variables).not.toHaveProperty('REBOOT_WINDOW');
    expect(environment.Variables).not.toHaveProperty('SCHEDULE_GROUP');
    for (const action of ['scheduler:CreateSchedule', 'scheduler:DeleteSchedule'])
      expect(allowingIn(plain.template, action)).toEqual([]);
  });
});
