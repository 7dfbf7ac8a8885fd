import { describe, expect, it } from 'vitest';
import { waiterDefinition } from '../../infra/constructs/waiter-states.ts';
import { AmiAvailable } from '../../shared/events/ami-available.ts';
import { AmiCreated } from '../../shared/events/ami-created.ts';
import { AmiFailed } from '../../shared/events/ami-failed.ts';
import { testDefinition } from './support/definition-tests.ts';
import { runStates, StatesError, type Task } from './support/run-states.ts';

const concludeValidationArn = 'arn:aws:lambda:us-east-1:000000000000:function:conclude-validation';
const validationArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:bake';
const definition = waiterDefinition({
  partition: 'aws',
  checkImageArn: 'arn:aws:lambda:us-east-1:000000000000:function:check-image',
  validationArn,
  concludeValidationArn,
  requestsTable: 'requests',
  waitingTable: 'waiting',
  busName: 'amity',
  pollSeconds: 300,
});

const created = AmiCreated.schema.parse({
  requestId: 'bake-17',
  attempt: 2,
  instanceName: 'service-web',
  imageId: 'ami-0123456789abcdef0',
  imageName: 'service-web-Deploy-2025-06-05_12_00',
  region: 'us-east-1',
  instanceId: 'i-0123456789abcdef0',
  reason: 'Deploy',
  noReboot: true,
  baseImageId: 'ami-00000000000000001',
});
const { imageId } = created;
const requestKey = 'request#000000000000#amity#bake-17';
const image = { verdict: 'available', createdAt: '2025-06-05T12:03:00.000Z', snapshotIds: ['snap-1'] };

/** What an execution of the bake's state machine ends with: test/infra/bake-states.test.ts. */
const passed = { verdict: 'available' };
const failed = {
  verdict: 'failed',
  code: 'validation-failed',
  message: 'The validation ended with exit code 3.',
  stage: 'validate',
  output: 'curl: connection refused',
};

type Answers = Partial<Record<'Validate' | 'ConcludeValidation', unknown[]>>;

/** Runs the waiter of an available image: the two states of its validation answer, or throw, in turn. */
async function run(answers: Answers = {}, more: object = { validates: true }) {
  const tasks: Task[] = [];
  const answered: Record<string, unknown> = {
    CheckImage: { Payload: image },
    Validate: { Output: passed },
    ConcludeValidation: { Payload: null },
  };
  const { entered } = await runStates(definition, { ...created, requestKey, ...more }, (task) => {
    tasks.push(task);
    const answer = answers[task.state as keyof Answers]?.shift() ?? answered[task.state] ?? {};
    if (answer instanceof Error) throw answer;
    return answer;
  });
  const argsOf = (state: string) => tasks.filter((task) => task.state === state).map(({ args }) => args);
  const [told] = entered.flatMap((state) => argsOf(state).flatMap(({ Entries }) => Entries ?? []));
  return {
    steps: entered.filter((state) => !/^(Is|What)/.test(state)),
    argsOf,
    detailType: told.DetailType,
    detail: JSON.parse(told.Detail),
  };
}

const times = <One>(count: number, one: () => One): One[] => Array.from({ length: count }, one);
const broken = () => new StatesError('Lambda.Unknown', '{"errorMessage":"broken"}');
const crashed = () => new StatesError('States.TaskFailed', '{"Status":"ABORTED"}');

describe('an image without a validation', () => {
  it('is announced as soon as it is available', async () => {
    const { steps } = await run({}, {});
    expect(steps).toEqual(['CheckImage', 'RecordAvailable', 'AnnounceAvailable']);
  });
});

describe('an image that is to be validated', () => {
  it('is, by an execution of its own, before anyone is told', async () => {
    const { steps, argsOf, detail } = await run();
    expect(steps).toEqual([
      'CheckImage',
      'Validate',
      'ConcludeValidation',
      'RecordAvailable',
      'AnnounceAvailable',
    ]);
    expect(argsOf('Validate')).toEqual([
      {
        StateMachineArn: validationArn,
        Name: 'the-run-validate',
        Input: {
          requestKey,
          attempt: 2,
          imageId,
          AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: 'arn:the-run',
        },
      },
    ]);
    expect(argsOf('ConcludeValidation')).toEqual([
      { FunctionName: concludeValidationArn, Payload: { imageId, hasPassed: true } },
    ]);
    const { createdAt, snapshotIds } = image;
    expect(detail).toEqual({ ...created, createdAt, snapshotIds });
    expect(AmiAvailable.schema.parse(detail)).toEqual(detail);
  });

  // https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
  it('has it under a name that Step Functions takes', async () => {
    const { argsOf } = await run();
    const suffix = argsOf('Validate')[0].Name.replace('the-run', '');
    expect(`${'ami-'}${'0'.repeat(17)}-${2 ** 31}${suffix}`.length).toBeLessThanOrEqual(80);
  });

  it('and fails is deregistered, recorded and told, with its stage and what the script said', async () => {
    const { steps, argsOf, detailType, detail } = await run({ Validate: [{ Output: failed }] });
    expect(steps.slice(1)).toEqual(['Validate', 'ConcludeValidation', 'RecordFailed', 'AnnounceFailed']);
    expect(argsOf('ConcludeValidation')).toMatchObject([{ Payload: { imageId, hasPassed: false } }]);
    const { code, message, stage, output } = failed;
    const { requestId, attempt, instanceName, imageName } = created;
    expect(argsOf('RecordFailed')[0].ExpressionAttributeValues[':failure']).toEqual({
      M: { code: { S: code }, message: { S: message } },
    });
    expect(detailType).toBe('AmiFailed');
    expect(detail).toEqual({
      ...{ requestId, attempt, instanceName, imageId, imageName },
      ...{ code, message, stage, output },
    });
    expect(AmiFailed.schema.parse(detail)).toEqual(detail);
  });

  it('and whose validation broke has not passed', async () => {
    const { steps, argsOf, detail } = await run({ Validate: [crashed()] });
    expect(steps.slice(1)).toEqual(['Validate', 'ConcludeValidation', 'RecordFailed', 'AnnounceFailed']);
    expect(argsOf('Validate')).toHaveLength(1);
    expect(argsOf('ConcludeValidation')).toMatchObject([{ Payload: { imageId, hasPassed: false } }]);
    expect(AmiFailed.schema.parse(detail)).toMatchObject({
      code: 'bake-error',
      stage: 'validate',
      message: 'States.TaskFailed: {"Status":"ABORTED"}',
    });
  });

  it.each([
    'StepFunctions.ExecutionLimitExceeded',
    'StepFunctions.ExecutionLimitExceededException',
    'StepFunctions.AWSStepFunctionsException',
    'StepFunctions.SdkClientException',
  ])('waits for hours until Step Functions starts it: %s', async (name) => {
    const { argsOf, detailType } = await run({ Validate: times(60, () => new StatesError(name)) });
    expect(argsOf('Validate')).toHaveLength(61);
    expect(new Set(argsOf('Validate').map((each) => JSON.stringify(each))).size).toBe(1);
    expect(detailType).toBe('AmiAvailable');
  });
});

describe('a conclusion', () => {
  it.each([
    ['of its own', 8, broken],
    ["of Lambda's", 60, () => new StatesError('Lambda.TooManyRequestsException')],
  ])('is tried again after a failure %s', async (_, count, error) => {
    const { argsOf, detailType } = await run({ ConcludeValidation: times(count, error) });
    expect(argsOf('ConcludeValidation')).toHaveLength(count + 1);
    expect(detailType).toBe('AmiAvailable');
  });

  it('that cannot be made after all lets no image be used: it says so itself that it is not validated', async () => {
    const { steps, detail } = await run({ ConcludeValidation: times(9, broken) });
    expect(steps.slice(-2)).toEqual(['RecordFailed', 'AnnounceFailed']);
    expect(AmiFailed.schema.parse(detail)).toMatchObject({
      code: 'bake-error',
      stage: 'validate',
      message: 'Lambda.Unknown: the image could not be let out of its validation',
    });
  });

  it('that cannot be made after a failure leaves the failure what it was', async () => {
    const { steps, detail } = await run({
      Validate: [{ Output: failed }],
      ConcludeValidation: times(9, broken),
    });
    expect(steps.slice(-2)).toEqual(['RecordFailed', 'AnnounceFailed']);
    const { code, message, stage, output } = failed;
    expect(detail).toMatchObject({ code, message, stage, output });
  });
});

testDefinition(definition);
