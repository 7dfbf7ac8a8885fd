import { afterEach, describe, expect, it, vi } from 'vitest';
import { handlerNames } from '../../infra/bundle.ts';
import { LEASE_MS } from '../../shared/domain/request.ts';
import { FULL, handlerOf, JWT, placeOf, type Resource, synthesize } from './support/synthesize.ts';

const { of, one, outputs, template } = synthesize(FULL);
const functions = of('AWS::Lambda::Function').map(([, resource]) => resource);
const authorize = synthesize(JWT).one('AWS::Lambda::Function', 'HttpAuthorize');
const sources = of('AWS::Lambda::EventSourceMapping').map(([, resource]) => resource);
const queues = of('AWS::SQS::Queue');
const deadLetters = queues.find(([id]) => id.startsWith('DeadLettersQueue'))?.[0];
const undelivered = queues.find(([id]) => id.startsWith('DeadLettersUndelivered'))?.[0];
const ownQueues = queues.filter(([id]) => !id.startsWith('DeadLetters'));
const arnOf = (id: unknown) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const byId = (id: string): Resource => template.Resources[id];

afterEach(() => vi.unstubAllEnvs());
// What lies beside a deployed function: standing-bakes.test.ts.
vi.mock('../../shared/runtime/standing-bakes.ts', () => ({ standingBakes: () => [] }));

/** With an x for what CloudFormation puts in. */
const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': [between, parts] = ['', ['x']] } = value as { 'Fn::Join'?: [string, unknown[]] };
  return parts.map((part) => (typeof part === 'string' ? part : 'x')).join(between);
};

/** Imports a handler as Lambda does: with that environment, for the first time. */
async function start(handler: string, environment: Record<string, string>): Promise<unknown> {
  vi.resetModules();
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const [folder, file] = handler.split('/');
  return (await import(`../../handlers/${folder}/${file}.ts`)).handler;
}

describe('the contract', () => {
  it('has exactly these outputs', () => {
    expect(Object.keys(outputs).sort()).toEqual(
      [
        'ApiUrl',
        'ArchiveArn',
        'BakeApiUrl',
        'BusArn',
        'BusName',
        'CleanUpFunctionName',
        'FollowNewestFunctionName',
        'AlarmTopicArn',
        'DeadLetterQueueUrl',
        'UndeliveredQueueUrl',
        'WaiterArn',
      ].sort(),
    );
    expect(JSON.stringify(outputs.ApiUrl)).toContain('/create-ami');
    expect(JSON.stringify(outputs.BakeApiUrl)).toContain('/bake-ami');
  });

  it('keeps every event of the bus for as long as configured', () => {
    const archive = one('AWS::Events::Archive', 'Bus');
    expect(archive.Properties).toMatchObject({ RetentionDays: 90 });
    expect(archive.Properties.EventPattern).toBeUndefined();
    expect(archive.DeletionPolicy).toBe('Retain');
  });

  it('lets others put AmiRequested, and nothing else', () => {
    const policies = of('AWS::Events::EventBusPolicy').map(([, { Properties }]) => Properties.Statement);
    expect(policies).toHaveLength(2);
    for (const { Action, Condition } of policies) {
      expect(Action).toBe('events:PutEvents');
      expect(Condition['ForAllValues:StringEquals']).toEqual({ 'events:detail-type': ['AmiRequested'] });
      expect(Condition.Null).toEqual({ 'events:detail-type': 'false' });
    }
    expect(
      policies.map(({ Principal, Condition }) => [Principal, Condition.StringEquals?.['aws:PrincipalOrgID']]),
    ).toEqual([
      [
        { AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::444455556666:root']] } },
        undefined,
      ],
      [{ AWS: '*' }, 'o-abcdefghij'],
    ]);
  });

  it('lets nobody in by default, and tells nobody', () => {
    const plain = synthesize();
    expect(plain.of('AWS::Events::EventBusPolicy')).toEqual([]);
    expect(JSON.stringify(plain.template)).not.toContain('notify');
  });

  it('asks IAM who calls, and throttles', () => {
    const methods = of('AWS::ApiGateway::Method').map(([, { Properties }]) => Properties);
    const asked = { HttpMethod: 'POST', AuthorizationType: 'AWS_IAM' };
    expect(methods).toMatchObject([asked, asked]);
    const { MethodSettings, StageName, AccessLogSetting } = one('AWS::ApiGateway::Stage', 'Http').Properties;
    expect(StageName).toBe('prod');
    expect(MethodSettings[0]).toMatchObject({ ThrottlingBurstLimit: 40, ThrottlingRateLimit: 20 });
    expect(AccessLogSetting.DestinationArn).toBeDefined();
  });

  it.each(['401', '403', '413', '429', '503', undefined])('answers %s as problem+json', (status) => {
    const answers = of('AWS::ApiGateway::GatewayResponse').filter(
      ([, { Properties }]) => Properties.StatusCode === status,
    );
    expect(answers.length).toBeGreaterThan(0);
    for (const [, { Properties }] of answers) {
      const body = Properties.ResponseTemplates['application/json'].replace(
        '$context.error.messageString',
        '"why"',
      );
      expect(JSON.parse(body)).toEqual({
        type: 'about:blank',
        title: expect.any(String),
        detail: status === '503' ? 'The token could not be checked. Try again.' : 'why',
        ...(status && { status: Number(status) }),
      });
      expect(Properties.ResponseParameters).toEqual({
        'gatewayresponse.header.Content-Type': "'application/problem+json'",
      });
    }
  });
});

describe('each function', () => {
  it('is a handler, in the place that its name says; and each handler is a function', () => {
    expect([...new Set([...functions, authorize].map(handlerOf))].sort()).toEqual(handlerNames());
  });

  it.each(functions.map((each) => [placeOf(each), each] as const))(
    '%s has a log group, a role and traces of its own',
    (_, each) => {
      const { Properties } = each;
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        TracingConfig: { Mode: 'Active' },
        LoggingConfig: { LogFormat: 'JSON' },
      });
      expect(byId(Properties.LoggingConfig.LogGroup.Ref).Properties.RetentionInDays).toBe(90);
      const role = Properties.Role['Fn::GetAtt'][0];
      expect(byId(role).Properties.ManagedPolicyArns).toBeUndefined();
      expect(functions.filter((other) => other.Properties.Role['Fn::GetAtt'][0] === role)).toEqual([each]);
    },
  );

  it.each([...functions, authorize].map((each) => [placeOf(each), each] as const))(
    '%s starts with the environment that the stack gives it',
    async (_, each) => {
      const given = Object.entries<unknown>(each.Properties.Environment?.Variables ?? {});
      const known = given.map(([name, value]) => [name, textOf(value)]);
      const environment = { ...Object.fromEntries(known), AWS_REGION: 'us-east-1' };
      await expect(start(handlerOf(each), environment)).resolves.toBeTypeOf('function');
    },
  );
});

describe('each queue', () => {
  it.each(queues)(
    '%s is encrypted, refuses plain http, and keeps its messages as long as SQS can',
    (id, { Properties }) => {
      expect(Properties).toMatchObject({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 14 * 86_400 });
      const policies = of('AWS::SQS::QueuePolicy').filter(
        ([, policy]) => JSON.stringify(policy.Properties.Queues) === JSON.stringify([{ Ref: id }]),
      );
      const denied = policies.flatMap(([, policy]) => policy.Properties.PolicyDocument.Statement);
      expect(denied).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      );
    },
  );

  it.each(ownQueues)(
    "%s gives up to the one dead-letter queue, by SQS's own redrive",
    (_, { Properties }) => {
      expect(Properties.RedrivePolicy.deadLetterTargetArn).toEqual(arnOf(deadLetters));
    },
  );

  it.each(ownQueues)(
    '%s hides a message for six times as long as its function may run',
    (id, { Properties }) => {
      const source = sources.find(
        (each) => JSON.stringify(each.Properties.EventSourceArn) === JSON.stringify(arnOf(id)),
      );
      const { Timeout, Environment } = byId(source?.Properties.FunctionName.Ref).Properties;
      expect(Properties.VisibilityTimeout).toBeGreaterThanOrEqual(6 * Timeout);
      expect(Environment.Variables.QUEUE_URL).toEqual({ Ref: id });
      expect(source?.Properties).toMatchObject({
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 2 },
      });
    },
  );

  it.each(of('AWS::Events::Rule'))(
    '%s delivers to one queue, and keeps what could not be delivered',
    (_, { Properties }) => {
      expect(Properties.Targets).toHaveLength(1);
      const [{ Arn, DeadLetterConfig, RetryPolicy }] = Properties.Targets;
      expect(ownQueues.map(([id]) => id)).toContain(Arn['Fn::GetAtt'][0]);
      expect(DeadLetterConfig).toEqual({ Arn: arnOf(undelivered) });
      expect(RetryPolicy).toEqual({ MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 });
    },
  );
});

describe('time and state', () => {
  it("leaves a request to its owner for longer than the owner's function can run", () => {
    const { Timeout } = one('AWS::Lambda::Function', 'AmiRequestedCreateImage').Properties;
    expect(LEASE_MS).toBeGreaterThan(Timeout * 1000);
  });

  it('remembers requests for longer than the archive can replay them', () => {
    const { Variables } = one('AWS::Lambda::Function', 'AmiRequestedCreateImage').Properties.Environment;
    expect(Number(Variables.RECORD_DAYS)).toBe(90 + 30);
  });

  it('keeps its tables encrypted, with a time to live', () => {
    const tables = of('AWS::DynamoDB::Table').map(([, { Properties }]) => Properties);
    expect(
      tables.map(({ KeySchema, TimeToLiveSpecification }) => [
        KeySchema[0].AttributeName,
        TimeToLiveSpecification.AttributeName,
      ]),
    ).toEqual([
      ['key', 'expiresAt'],
      ['id', 'expiresAt'],
      ['id', 'expiration'],
      ['runId', 'expiresAt'],
      ['id', 'expiresAt'],
    ]);
    for (const { SSESpecification, BillingMode } of tables) {
      expect(SSESpecification).toEqual({ SSEEnabled: true });
      expect(BillingMode).toBe('PAY_PER_REQUEST');
    }
    expect(one('AWS::DynamoDB::Table', 'TablesRequests')).toMatchObject({
      DeletionPolicy: 'Retain',
      Properties: { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
    });
  });

  it.each([
    ['Waiter', 'without the task tokens', false],
    ['Bake', 'without the task tokens', false],
    ['ScheduleRun', 'with what each call answered', true],
    ['Rollout', 'without the task tokens', false],
    ['Move', 'with what each step found', true],
  ])('the state machine of %s is Standard, is traced, and logs %s', (start, _, IncludeExecutionData) => {
    expect(one('AWS::StepFunctions::StateMachine', start).Properties).toMatchObject({
      StateMachineType: 'STANDARD',
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData },
    });
    const { Properties } = one('AWS::Logs::LogGroup', `${start}Logs`);
    expect(Properties).toMatchObject({ RetentionInDays: 90 });
    expect(Properties.LogGroupName).toMatch(/^\/aws\/vendedlogs\/states\/Amity-/);
  });
});
