import { execFile } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { App } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { AmityStack } from '../../infra/amity-stack.ts';
import { bundleHandlers } from '../../infra/bundle.ts';
import { parseConfig } from '../../infra/config.ts';
import { BAKES_FILE } from '../../shared/domain/bake/spec.ts';
import { env } from '../support/handler-environment.ts';
import { allowing, rolesIn } from './support/roles.ts';
import { type Resource, synthesize } from './support/synthesize.ts';

const PUBLIC = 'aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';
const userData = '#!/bin/sh\ndnf install -y nginx\n';
const daily = {
  instanceName: 'service-web',
  baseImage: `resolve:ssm:/${PUBLIC}`,
  userData,
  schedule: 'cron(0 5 * * ? *)',
  onlyWhenBaseImageChanged: true,
};
const whenWritten = { instanceName: 'service-db', baseImage: 'resolve:ssm:/golden/db', userData };
const both = {
  instanceName: 'service-api',
  baseImage: 'resolve:ssm:golden-api',
  userData,
  schedule: 'rate(7 days)',
};
const fixed = {
  instanceName: 'service-old',
  baseImage: 'ami-0123456789abcdef0',
  userData,
  schedule: 'rate(1 day)',
};
const withBakes = (...bakes: object[]) => synthesize({ timeZone: 'Asia/Seoul', bakes });

type Stack = ReturnType<typeof synthesize>;
const schedules = ({ of }: Stack) =>
  of('AWS::Scheduler::Schedule')
    .filter(([id]) => id.startsWith('ScheduleBake'))
    .map(([, { Properties }]) => Properties);
const rule = ({ one }: Stack) => one('AWS::Events::Rule', 'SsmParameterChange').Properties;
const idOf = ({ of }: Stack, type: string, start: string) =>
  of(type).find(([id]) => id.startsWith(start))?.[0];

/** The parameters that a function may read, sorted as CDK sorts them, without what CloudFormation puts in. */
const readBy = (stack: Stack, place: string): string[] =>
  allowing(rolesIn(stack).may(place), 'ssm:GetParameter').flatMap(({ Resource }) =>
    [Resource].flat().map((each) => {
      const parts = (each as { 'Fn::Join': [string, (string | object)[]] })['Fn::Join'][1];
      return parts.map((part) => (typeof part === 'string' ? part : '*')).join('');
    }),
  );

describe('without bakes', () => {
  it('there is none of it', () => {
    const text = JSON.stringify(synthesize().template);
    expect(text).not.toMatch(/ScheduleBake|SsmParameterChange|aws\.ssm/);
    expect(text).toContain('AmiBakeRequested');
  });
});

describe('bakes with a schedule', () => {
  const stack = withBakes(daily, whenWritten, both);

  it('are asked for at their times, in the configured time zone, and no other is', () => {
    const target = {
      Arn: { 'Fn::GetAtt': [idOf(stack, 'AWS::Lambda::Function', 'ScheduleBake'), 'Arn'] },
      RoleArn: { 'Fn::GetAtt': [idOf(stack, 'AWS::IAM::Role', 'ScheduleBakeRole'), 'Arn'] },
      RetryPolicy: { MaximumRetryAttempts: 10, MaximumEventAgeInSeconds: 3600 },
      DeadLetterConfig: {
        Arn: { 'Fn::GetAtt': [idOf(stack, 'AWS::SQS::Queue', 'DeadLettersUndelivered'), 'Arn'] },
      },
    };
    expect(schedules(stack)).toEqual(
      [daily, both].map(({ instanceName, schedule }) => ({
        Description: `Amity bakes ${instanceName}`,
        ScheduleExpression: schedule,
        ScheduleExpressionTimezone: 'Asia/Seoul',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: {
          ...target,
          // https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
          Input: JSON.stringify({ instanceName, scheduledTime: '<aws.scheduler.scheduled-time>' }),
        },
      })),
    );
  });

  it('are asked for by a role that may call the one function, keep what it could not deliver, and nothing else', () => {
    const { Target } = schedules(stack)[0] ?? {};
    expect(rolesIn(stack).statementsOf(Target.RoleArn['Fn::GetAtt'][0])).toEqual([
      { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: Target.Arn },
      { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: Target.DeadLetterConfig.Arn },
    ]);
    const { Statement } = stack.one('AWS::IAM::Role', 'ScheduleBakeRole').Properties.AssumeRolePolicyDocument;
    expect(Statement).toMatchObject([
      {
        Principal: { Service: 'scheduler.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]);
  });

  it('read the parameters that they name, and no others', () => {
    expect(readBy(stack, 'Schedule/Bake')).toEqual([
      'arn:*:ssm:*:*:parameter/golden-api',
      `arn:*:ssm:*::parameter/${PUBLIC}`,
    ]);
  });

  it('read none, where their base images are named by id', () => {
    expect(readBy(withBakes(fixed), 'Schedule/Bake')).toEqual([]);
  });
});

describe('a parameter that is written', () => {
  it('starts the bakes that are based on it: those of this account, with a schedule or without', () => {
    const stack = withBakes(daily, whenWritten, both);
    expect(rule(stack)).not.toHaveProperty('EventBusName');
    expect(rule(stack).EventPattern).toEqual({
      source: ['aws.ssm'],
      'detail-type': ['Parameter Store Change'],
      detail: { name: ['/golden/db', 'golden-api'], operation: ['Create', 'Update'] },
    });
    expect(readBy(stack, 'SsmParameterChange/Bake')).toEqual([
      'arn:*:ssm:*:*:parameter/golden-api',
      'arn:*:ssm:*:*:parameter/golden/db',
    ]);
  });

  it.each([
    ["one of AWS's, which tells of nothing", daily],
    ['none, but an image', fixed],
  ])('is not listened for where a bake is based on %s', (_, bake) => {
    expect(
      withBakes(bake)
        .of('AWS::Events::Rule')
        .map(([id]) => id),
    ).not.toContainEqual(expect.stringMatching(/^Ssm/));
  });
});

describe('the bakes of the configuration', () => {
  it('lie beside the functions that ask for them, which read them there, and beside no other', async () => {
    const handlers = await mkdtemp(join(tmpdir(), 'amity-bundle-'));
    await bundleHandlers({ outdir: handlers });
    const config = parseConfig({ bakes: [daily, whenWritten] });
    const app = new App({ outdir: await mkdtemp(join(tmpdir(), 'amity-synth-')), analyticsReporting: false });
    const stack = new AmityStack(app, { config, handlers });
    const { directory } = app.synth();
    const { files } = JSON.parse(await readFile(join(directory, `${stack.stackName}.assets.json`), 'utf8'));
    const { Resources } = JSON.parse(
      await readFile(join(directory, `${stack.stackName}.template.json`), 'utf8'),
    );
    const folderOf = (start: string): string => {
      const [, found] =
        Object.entries<Resource>(Resources).find(
          ([id, { Type }]) => Type === 'AWS::Lambda::Function' && id.startsWith(start),
        ) ?? [];
      const hash = found?.Properties.Code.S3Key.replace('.zip', '');
      return join(directory, files[hash].source.path);
    };
    for (const start of ['ScheduleBake', 'SsmParameterChangeBake']) {
      const folder = folderOf(start);
      expect(JSON.parse(await readFile(join(folder, BAKES_FILE), 'utf8'))).toEqual([
        {
          request: { instanceName: 'service-web', baseImage: daily.baseImage, userData },
          onlyWhenBaseImageChanged: true,
        },
        { request: whenWritten, onlyWhenBaseImageChanged: false },
      ]);
      const script = `import('${folder}/index.mjs').then(({ handler }) => console.log(typeof handler))`;
      const { stdout } = await promisify(execFile)(process.execPath, ['--eval', script], { env });
      expect(stdout.trim()).toBe('function');
    }
    await expect(readFile(join(folderOf('HttpBakeAmi'), BAKES_FILE))).rejects.toThrow('ENOENT');
  });
});
