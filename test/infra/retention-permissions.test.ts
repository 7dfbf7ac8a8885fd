import { describe, expect, it } from 'vitest';
import { actionsOf, allowing, everyArn, list, type RawStatement, roleOf, rolesIn } from './support/roles.ts';
import { FULL, synthesize } from './support/synthesize.ts';

const stack = synthesize(FULL);
const [OTHER] = FULL.retention.regions;
const { of, one } = stack;
const { statementsOf, may } = rolesIn(stack);

const OURS = { Null: { 'aws:ResourceTag/amity:instance-name': 'false' } };
const oursAndKeys = (...keys: string[]) => ({
  'ForAllValues:StringEquals': { 'aws:TagKeys': keys },
  Null: { ...OURS.Null, 'aws:TagKeys': 'false' },
});
/** In whatever order: CDK merges statements, and sorts their resources then. */
const arns = (...resources: object[]) => resources.map((each) => JSON.stringify(each)).sort();
const parts = ({ Resource, Condition }: RawStatement) => ({
  Resource: arns(...list(Resource as object)),
  Condition,
});
const HERE = { image: [everyArn('image')], snapshot: [everyArn('snapshot')] };
const EVERYWHERE = {
  image: [...HERE.image, everyArn('image', OTHER)],
  snapshot: [...HERE.snapshot, everyArn('snapshot', OTHER)],
};

const DAILY = 'Schedule/CleanUp';
const OF_NAME = 'AmiAvailable/CleanUp';
const RESTORE = 'AmiRestoreRequested/RestoreImage';

/** All that changes anything in EC2, but for the builders that nobody took away: builder-profile.test.ts. */
const changes = (statements: readonly RawStatement[]) =>
  statements
    .filter(({ Action }) => list(Action).some((each) => /^ec2:(?!Describe|List)/.test(each)))
    .filter(({ Condition }) => !Condition?.Null?.['aws:ResourceTag/amity:builder']);

describe.each([
  [DAILY, EVERYWHERE],
  [OF_NAME, HERE],
  [RESTORE, EVERYWHERE],
])('%s', (place, { image, snapshot }) => {
  it('changes only what carries our tag when it is called for', () => {
    for (const statement of changes(may(place))) {
      if (JSON.stringify(statement.Resource).includes('image-usage-report')) continue;
      expect(statement.Condition?.Null, String(statement.Action)).toMatchObject(OURS.Null);
    }
  });

  it('reaches images and snapshots of its regions, and of no others', () => {
    const reached = changes(may(place)).flatMap(({ Resource }) => list(Resource));
    const texts = arns(...(reached as object[])).filter((each) => !each.includes('report'));
    expect([...new Set(texts)]).toEqual(arns(...image, ...snapshot));
  });
});

describe.each([
  [DAILY, EVERYWHERE],
  [OF_NAME, HERE],
])('the clean-up %s', (place, { image, snapshot }) => {
  it.each(['ec2:DeregisterImage', 'ec2:DeleteSnapshot'])(
    'deletes what is ours (%s), and nothing else',
    (action) => {
      expect(allowing(may(place), action).map(parts)).toEqual([
        { Resource: arns(...image, ...snapshot), Condition: OURS },
      ]);
    },
  );

  it.each(['ec2:EnableImageDeprecation', 'ec2:DisableImage'])('retires images of ours (%s)', (action) => {
    expect(allowing(may(place), action).map(parts)).toEqual([{ Resource: arns(...image), Condition: OURS }]);
  });

  it('marks what is ours with tags of its own book-keeping, and no others', () => {
    expect(allowing(may(place), 'ec2:CreateTags').map(parts)).toEqual([
      { Resource: arns(...image, ...snapshot), Condition: oursAndKeys('amity:recycle') },
      { Resource: arns(...image), Condition: oursAndKeys('amity:disabled-at') },
    ]);
    expect(actionsOf(may(place))).not.toContain('ec2:DeleteTags');
  });

  it('orders usage reports on images of ours', () => {
    const [onImages, onReports, ...more] = allowing(may(place), 'ec2:CreateImageUsageReport');
    expect(more).toEqual([]);
    expect(onImages && parts(onImages)).toEqual({ Resource: arns(...image), Condition: OURS });
    for (const each of list(onReports?.Resource))
      expect(JSON.stringify(each)).toContain(':image-usage-report/*');
    expect(onReports?.Condition).toBeUndefined();
  });

  it('reads the one switch, and writes no parameter', () => {
    const reads = allowing(may(place), 'ssm:GetParameter');
    expect(reads).toHaveLength(1);
    expect(JSON.stringify(reads[0]?.Resource)).toContain(':parameter/amity/deletion"');
    expect(actionsOf(may(place)).filter((each) => /^ssm:(Put|Delete)/.test(each))).toEqual([]);
  });
});

describe('a restoration', () => {
  it.each([
    'ec2:RestoreImageFromRecycleBin',
    'ec2:EnableImage',
    'ec2:DisableImageDeprecation',
    'ec2:ModifyImageAttribute',
  ])('puts back images of ours (%s)', (action) => {
    expect(allowing(may(RESTORE), action).map(parts)).toEqual([
      { Resource: arns(...EVERYWHERE.image), Condition: OURS },
    ]);
  });

  it('puts back snapshots of ours', () => {
    expect(allowing(may(RESTORE), 'ec2:RestoreSnapshotFromRecycleBin').map(parts)).toEqual([
      { Resource: arns(...EVERYWHERE.snapshot), Condition: OURS },
    ]);
  });

  it('gives what is ours the tags that it had', () => {
    expect(allowing(may(RESTORE), 'ec2:CreateTags').map(parts)).toEqual([
      { Resource: arns(...EVERYWHERE.image, ...EVERYWHERE.snapshot), Condition: OURS },
    ]);
  });

  it("takes away the tags of retention's own book-keeping, and no others", () => {
    expect(allowing(may(RESTORE), 'ec2:DeleteTags').map(parts)).toEqual([
      { Resource: arns(...EVERYWHERE.image), Condition: oursAndKeys('amity:recycle', 'amity:disabled-at') },
      { Resource: arns(...EVERYWHERE.snapshot), Condition: oursAndKeys('amity:recycle') },
    ]);
  });

  it('deletes nothing, and finds what was done by image', () => {
    expect(
      actionsOf(may(RESTORE)).filter((each) => /^ec2:(De(lete(?!Tags)|register)|DisableImage$)/.test(each)),
    ).toEqual([]);
    const asked = allowing(may(RESTORE), 'dynamodb:Query').map(({ Resource }) => JSON.stringify(Resource));
    expect(asked.some((each) => each.includes('/index/byImage'))).toBe(true);
  });
});

describe('what begins a run', () => {
  const withoutTelemetry = (statements: readonly RawStatement[]) =>
    statements.filter(({ Action }) => list(Action).some((each) => !/^(logs|xray):/.test(each)));
  const idOf = (type: string, start: string) => of(type).find(([id]) => id.startsWith(start))?.[0];

  it('may start the state machine, keep what it could not deliver, and do nothing else', () => {
    const target = one('AWS::Scheduler::Schedule', 'ScheduleRule').Properties.Target;
    const role = target.RoleArn['Fn::GetAtt'][0];
    expect(statementsOf(role)).toEqual([
      { Effect: 'Allow', Action: 'states:StartExecution', Resource: target.Arn },
      {
        Effect: 'Allow',
        Action: 'sqs:SendMessage',
        Resource: { 'Fn::GetAtt': [idOf('AWS::SQS::Queue', 'DeadLettersUndelivered'), 'Arn'] },
      },
    ]);
    const { AssumeRolePolicyDocument } = one('AWS::IAM::Role', 'ScheduleRole').Properties;
    expect(AssumeRolePolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Service: 'scheduler.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]);
  });

  it('is a state machine that may call the one function', () => {
    const role = roleOf(one('AWS::StepFunctions::StateMachine', 'ScheduleRun'));
    expect(withoutTelemetry(statementsOf(role))).toEqual([
      {
        Effect: 'Allow',
        Action: 'lambda:InvokeFunction',
        Resource: { 'Fn::GetAtt': [idOf('AWS::Lambda::Function', 'ScheduleCleanUp'), 'Arn'] },
      },
    ]);
  });
});
