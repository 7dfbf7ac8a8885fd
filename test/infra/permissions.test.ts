import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Bundle, bundleHandlers } from '../../infra/bundle.ts';
import { actionsOf, allowing, everyArn, list, type RawStatement, roleOf, rolesIn } from './support/roles.ts';
import { FULL, handlerOf, JWT, placeOf, synthesize } from './support/synthesize.ts';

const { of, template } = synthesize({ ...FULL, ...JWT });
const { statementsOf, may } = rolesIn({ of });
const functions = of('AWS::Lambda::Function').map(([, resource]) => resource);

describe('every statement', () => {
  const written = of('AWS::IAM::Policy').flatMap(([id, { Properties }]) =>
    (Properties.PolicyDocument.Statement as RawStatement[]).map((statement) => [id, statement] as const),
  );
  const all = written.filter(([, { Effect }]) => Effect === 'Allow');

  it('allows, but for one: who may read any parameter decrypts none', () => {
    const others = written.filter(([, { Effect }]) => Effect !== 'Allow');
    for (const [, other] of others) {
      expect(other).toMatchObject({ Effect: 'Deny', Action: 'kms:Decrypt' });
      expect(JSON.stringify(other.Resource)).toMatch(/:key\/\*"\]\]\}$/);
    }
    const readers = all.filter(([, { Resource }]) => JSON.stringify(Resource).includes(':parameter/*"'));
    expect(others.map(([id]) => id)).toEqual(readers.map(([id]) => id));
    expect(others).toHaveLength(5);
  });

  it.each(all)('of %s allows exact actions', (_, { Action }) => {
    for (const action of list(Action)) expect(action).toMatch(/^[a-z0-9-]+:[A-Z][A-Za-z]+$/);
  });

  /** AWS knows no resources for these. */
  const WITHOUT_RESOURCES =
    /^(ec2:Describe(?!ImageAttribute)\w+|ec2:ListImagesInRecycleBin|autoscaling:Describe\w+|xray:\w+|logs:\w+(LogDelivery|LogDeliveries|ResourcePolicy|ResourcePolicies|LogGroups))$/;

  it.each(all.filter(([, { Resource }]) => Resource === '*'))(
    'of %s on everything is of actions that know no resources',
    (_, { Action, Condition }) => {
      const via = list(Condition?.['ForAnyValue:StringEquals']?.['aws:CalledVia']);
      const viaReferences = via.length === 1 && via[0] === 'ec2-images.amazonaws.com';
      for (const action of list(Action)) if (!viaReferences) expect(action).toMatch(WITHOUT_RESOURCES);
    },
  );
});

describe('a role', () => {
  let bundle: Bundle;
  beforeAll(async () => {
    bundle = await bundleHandlers({ outdir: await mkdtemp(join(tmpdir(), 'amity-bundle-')) });
  });

  /** Every DynamoDB client asks for its endpoints; the document client brings a paginator of each; S3's is for its zonal buckets. */
  const NOT_SENT = ['dynamodb:DescribeEndpoints', 'dynamodb:Scan', 's3:CreateSession'];
  /** EBS does it for who starts an instance. */
  const ENCRYPT = [
    'kms:CreateGrant',
    'kms:Decrypt',
    'kms:DescribeKey',
    'kms:GenerateDataKeyWithoutPlaintext',
    'kms:ReEncryptFrom',
    'kms:ReEncryptTo',
  ];
  const RUN_BUILDER = 'shared/aws/bake/run-builder.ts';
  /** What is sent, or needed besides, only where one of these files of ours is in the bundle. */
  const ONLY_WITH: Record<string, string[]> = {
    'dynamodb:Query': ['shared/aws/retention/journal.ts'],
    ...Object.fromEntries(ENCRYPT.map((action) => [action, [RUN_BUILDER]])),
    'kms:Decrypt': [RUN_BUILDER, 'shared/aws/secret-parameter.ts'],
    // Where what a launch template names as `resolve:ssm:…` is resolved.
    'ssm:GetParameters': [
      'shared/aws/rollout/groups.ts',
      'shared/aws/rollout/templates.ts',
      'shared/aws/uses/references.ts',
    ],
  };
  const PREFIXES: Record<string, string> = {
    'auto-scaling': 'autoscaling',
    eventbridge: 'events',
    sfn: 'states',
  };
  /** Auto Scaling looks whether who changes a group may start its instances. */
  const LAUNCH = ['ec2:RunInstances', 'ec2:CreateTags', 'iam:PassRole', 'ssm:GetParameters'];
  /** What a call needs besides, or in place of, an action of its own name. */
  const NEEDS: Record<string, string[]> = {
    'dynamodb:TransactWriteItems': ['dynamodb:PutItem'],
    'ec2:CreateImage': ['ec2:CreateImage', 'ec2:CreateTags'],
    'ec2:RunInstances': [...LAUNCH, ...ENCRYPT],
    'autoscaling:UpdateAutoScalingGroup': ['autoscaling:UpdateAutoScalingGroup', ...LAUNCH],
    'autoscaling:StartInstanceRefresh': ['autoscaling:StartInstanceRefresh', ...LAUNCH],
    'ec2:DescribeLaunchTemplateVersions': ['ec2:DescribeLaunchTemplateVersions', 'ssm:GetParameters'],
    'scheduler:CreateSchedule': ['scheduler:CreateSchedule', 'iam:PassRole'],
    'ssm:GetParameter': ['ssm:GetParameter', 'kms:Decrypt'],
    'ec2:DescribeImageReferences': [
      'ec2:DescribeImageReferences',
      'ec2:DescribeInstances',
      'ec2:DescribeLaunchTemplates',
      'ec2:DescribeLaunchTemplateVersions',
      'ssm:DescribeParameters',
      'ssm:GetParameters',
      'imagebuilder:ListImageRecipes',
      'imagebuilder:ListContainerRecipes',
      'imagebuilder:GetContainerRecipe',
    ],
  };
  const ALWAYS = [
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    'xray:PutTraceSegments',
    'xray:PutTelemetryRecords',
  ];
  const CONSUMER = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

  const inputsOf = (handler: string) =>
    Object.values(bundle.metafile.outputs).find(({ entryPoint }) => entryPoint === `handlers/${handler}.ts`)
      ?.inputs ?? {};

  /** The SDK commands that tree shaking left in a bundle are those that its code sends. */
  function calledBy(handler: string): string[] {
    const calls = Object.entries(inputsOf(handler)).flatMap(([path, { bytesInOutput }]) => {
      const [, client = '', command = ''] =
        /client-([a-z0-9-]+)\/dist-es\/commands\/(\w+)Command\.js$/.exec(path) ?? [];
      return command && bytesInOutput > 0 ? [`${PREFIXES[client] ?? client}:${command}`] : [];
    });
    return calls.filter((call) => !NOT_SENT.includes(call));
  }

  function neededBy(handler: string, call: string): string[] {
    return (NEEDS[call] ?? [call]).filter((action) => {
      const files = ONLY_WITH[action];
      return !files || files.some((file) => (inputsOf(handler)[file]?.bytesInOutput ?? 0) > 0);
    });
  }

  it.each(functions.map((each) => [placeOf(each), each] as const))(
    'of %s may do what the code calls, and nothing else',
    (_, each) => {
      const called = calledBy(handlerOf(each));
      const wanted = called.flatMap((call) => neededBy(handlerOf(each), call));
      const consumes = called.includes('sqs:ChangeMessageVisibility') ? CONSUMER : [];
      const actions = actionsOf(statementsOf(roleOf(each)));
      expect([...new Set(actions)].sort()).toEqual([...new Set([...wanted, ...consumes, ...ALWAYS])].sort());
    },
  );

  const ROLLOUTS = ['AmiRolledOut', 'AmiRolledBack', 'AmiRolloutFailed', 'AmiRolloutPlanned'];

  it.each([
    ['Http/RequestAmi', ['AmiRequested']],
    ['Http/BakeAmi', ['AmiBakeRequested']],
    ['Schedule/Bake', ['AmiBakeRequested']],
    ['SsmParameterChange/Bake', ['AmiBakeRequested']],
    ['AmiRequested/CreateImage', ['AmiCreated', 'AmiFailed']],
    ['AmiBakeRequested/StartBake', ['AmiCreated', 'AmiFailed']],
    ['Bake/CreateImage', ['AmiCreated', 'AmiFailed']],
    ['Bake/GiveUp', ['AmiCreated', 'AmiFailed']],
    ['StatesExecutionChange/GiveUpBake', ['AmiCreated', 'AmiFailed']],
    ['AmiAvailable/CleanUp', ['AmiCleaned']],
    ['Schedule/CleanUp', ['AmiCleaned']],
    ['AmiRestoreRequested/RestoreImage', ['AmiRestored', 'AmiRestoreFailed']],
    ['AmiAvailable/RollOut', ROLLOUTS],
    ['AmiRollbackRequested/RollBack', ROLLOUTS],
    ['Schedule/FollowNewest', ROLLOUTS],
    ['AmiAvailable/SetPointer', ['AmiRolloutFailed', 'AmiRolloutPlanned']],
    ['Rollout/StateMachine', ['AmiRolloutSucceeded', 'AmiRolloutFailed']],
    ['AmiMoveRequested/StartMove', ['AmiMoveFailed', 'AmiRolloutPlanned']],
    ['Move/RequestImage', ['AmiRequested']],
    ['Move/StateMachine', ['AmiMoved', 'AmiMoveFailed']],
    ['BackupJobStateChange/RequestImage', ['AmiRequested', 'AmiFailed', 'AmiRolloutPlanned']],
  ])('of %s announces nothing but %s, in our name', (place, detailTypes) => {
    const [statement, ...more] = allowing(may(place), 'events:PutEvents');
    expect(more).toEqual([]);
    expect(statement?.Condition).toEqual({
      'ForAllValues:StringEquals': { 'events:detail-type': detailTypes, 'events:source': ['amity'] },
      Null: { 'events:detail-type': 'false', 'events:source': 'false' },
    });
  });
});

describe.each(['AmiRequested/CreateImage', 'Bake/CreateImage'])('images and snapshots of %s', (place) => {
  it('are created only with the tags that make them ours', () => {
    const [onInstance, onImage, ...more] = allowing(may(place), 'ec2:CreateImage');
    expect(more).toEqual([]);
    expect(JSON.stringify(onInstance?.Resource)).toContain(':instance/*');
    expect(onImage?.Resource).toEqual([everyArn('image'), everyArn('snapshot')]);
    expect(onImage?.Condition).toEqual({
      Null: { 'aws:RequestTag/amity:instance-name': 'false', 'aws:RequestTag/amity:request-id': 'false' },
    });
  });

  it('are tagged only by the call that creates them', () => {
    const [statement, ...more] = allowing(may(place), 'ec2:CreateTags');
    expect(more).toEqual([]);
    expect(statement?.Resource).toEqual([everyArn('image'), everyArn('snapshot')]);
    expect(statement?.Condition).toEqual({ StringEquals: { 'ec2:CreateAction': 'CreateImage' } });
  });
});

describe('a secret', () => {
  it.each([
    ['AmiFailed/Notify', 'parameter/amity/webhook-url', ':key/*'],
    ['AmiFailed/Notify2', 'parameter/ops/webhook', '1234abcd-12ab-34cd-56ef-1234567890ab'],
  ])('of %s is its own alone', (place, parameter, key) => {
    const [read] = allowing(may(place), 'ssm:GetParameter');
    const [decrypt] = allowing(may(place), 'kms:Decrypt');
    expect(JSON.stringify(read?.Resource)).toContain(`:${parameter}"`);
    expect(JSON.stringify(decrypt?.Resource)).toContain(key);
    const { 'kms:EncryptionContext:PARAMETER_ARN': context, 'kms:ViaService': via } =
      decrypt?.Condition?.StringEquals ?? {};
    expect(context).toEqual(read?.Resource);
    expect(JSON.stringify(via)).toContain('ssm.');
  });

  it('is never in the template', () => {
    expect(JSON.stringify(template)).not.toContain('https://hooks');
    expect(Object.keys(template.Parameters ?? {})).toEqual(['BootstrapVersion']);
  });
});

describe('the waiter', () => {
  it('may do what its states call, and announces nothing but its own', () => {
    const statements = may('Waiter/StateMachine');
    const own = actionsOf(statements).filter((action) => !/^(logs|xray):/.test(action));
    expect(own.sort()).toEqual([
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'events:DescribeRule',
      'events:PutEvents',
      'events:PutRule',
      'events:PutTargets',
      'lambda:InvokeFunction',
      'states:DescribeExecution',
      'states:StartExecution',
      'states:StopExecution',
    ]);
    const [put] = allowing(statements, 'events:PutEvents');
    expect(put?.Condition?.['ForAllValues:StringEquals']?.['events:detail-type']).toEqual([
      'AmiAvailable',
      'AmiFailed',
    ]);
  });
});
