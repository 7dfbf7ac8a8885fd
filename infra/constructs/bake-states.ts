import type { Fall } from '../../shared/domain/bake/how-it-failed.ts';
import type { BakeStage } from '../../shared/domain/bake/stages.ts';
import { AGAIN, FOR_HOURS, input, invoke, value } from './states.ts';

export interface BakeParts {
  readonly partition: string;
  readonly checkBaseImageArn: string;
  readonly runBuilderArn: string;
  readonly stopBuilderArn: string;
  readonly createImageArn: string;
  readonly tearDownArn: string;
  readonly giveUpArn: string;
}

/** The execution is started with the key of a request, its attempt, and for a validation the image. */
const VALIDATES = `$exists(${input('imageId')})`;
const BAKE = value('$states.context.Execution.Name');

/** What every step is told of whose builder it is. */
const WHOSE = { requestKey: value(input('requestKey')), attempt: value(input('attempt')) };

/** Seconds between two looks at a builder that stops or goes. */
const PAUSE_SECONDS = 5;
/** EC2 said "later" to CreateImage: what hinders it does not pass in seconds. */
const LATER_SECONDS = 30;

/**
 * One builder, from the base image to its end, in Amazon States Language with JSONata: what becomes of it is told by
 * `failed`, and whatever it is, the builder is taken away before anyone is told. A validation is the same with the new image
 * in the base image's place, and without one of its own.
 */
export const bakeDefinition = (parts: BakeParts) => ({
  Comment: 'Bakes an image from a base image: start a builder, await its signal, image it, take it away',
  QueryLanguage: 'JSONata',
  StartAt: 'CheckBaseImage',
  States: {
    CheckBaseImage: {
      ...call(parts, parts.checkBaseImageArn, {
        ...WHOSE,
        imageId: value(`${VALIDATES} ? ${input('imageId')} : null`),
      }),
      Output: value('$states.result.Payload'),
      Retry: AGAIN,
      Catch: [fallen('base-image', 'GiveUp')],
      Next: 'IsFit',
    },
    IsFit: choice([['failed', 'GiveUp']], 'RunBuilder'),
    RunBuilder: runBuilder(parts),
    IsImaged: {
      Type: 'Choice',
      Choices: [{ Condition: value(VALIDATES), Next: 'TearDown' }],
      Default: 'StopBuilder',
    },
    StopBuilder: {
      ...call(parts, parts.stopBuilderArn, { bake: BAKE, look: value(counted('stopLooks')) }),
      Output: merged('stopLooks'),
      Retry: AGAIN,
      Catch: [fallen('stop', 'TearDown')],
      Next: 'IsStopped',
    },
    IsStopped: choice(
      [
        ['failed', 'TearDown'],
        ['stoppedId', 'CreateImage'],
      ],
      'AwaitStop',
    ),
    AwaitStop: { Type: 'Wait', Seconds: PAUSE_SECONDS, Next: 'StopBuilder' },
    CreateImage: createImage(parts),
    IsCreated: {
      Type: 'Choice',
      Choices: [
        { Condition: value('$exists($states.input.failed) or $states.input.created'), Next: 'TearDown' },
      ],
      Default: 'AwaitEc2',
    },
    AwaitEc2: { Type: 'Wait', Seconds: LATER_SECONDS, Next: 'CreateImage' },
    ...takeAway(parts),
    GiveUp: giveUp(parts),
    Done: { Type: 'Succeed', Output: { verdict: 'available' } },
  },
});

/**
 * Waits for the builder's own signal, which has the token. Only where Lambda did not take the call is it made again: a builder
 * that runs already knows the first token alone.
 */
const runBuilder = (parts: BakeParts) => ({
  ...call(parts, parts.runBuilderArn, {
    ...WHOSE,
    bake: BAKE,
    imageId: value('$states.input.imageId'),
    validates: value(VALIDATES),
    taskToken: value('$states.context.Task.Token'),
  }),
  Resource: `arn:${parts.partition}:states:::lambda:invoke.waitForTaskToken`,
  TimeoutSeconds: value('$states.input.timeoutSeconds'),
  Output: value('$states.input'),
  Retry: [{ ErrorEquals: ['Lambda.TooManyRequestsException'], ...FOR_HOURS }],
  Catch: [
    {
      ErrorEquals: ['States.ALL'],
      Output: { failed: { stage: value(`${VALIDATES} ? "validate" : "provision"`), ...ERROR } },
      Next: 'TearDown',
    },
  ],
  Next: 'IsImaged',
});

const createImage = (parts: BakeParts) => ({
  ...call(parts, parts.createImageArn, {
    ...WHOSE,
    stoppedId: value('$states.input.stoppedId'),
    baseImageId: value('$states.input.imageId'),
    startedAt: value('$states.context.Execution.StartTime'),
  }),
  Output: merged(),
  Retry: AGAIN,
  Catch: [fallen('create-image', 'TearDown')],
  Next: 'IsCreated',
});

/** Until nothing is left of it. What cannot be taken away now the daily run takes. */
const takeAway = (parts: BakeParts) => ({
  TearDown: {
    ...call(parts, parts.tearDownArn, {
      bake: BAKE,
      look: value(counted('looks')),
      hasFailed: value('$exists($states.input.failed)'),
    }),
    Output: merged('looks'),
    Retry: AGAIN,
    Catch: [{ ErrorEquals: ['States.ALL'], Output: value('$states.input'), Next: 'HowItEnded' }],
    Next: 'IsGone',
  },
  IsGone: {
    Type: 'Choice',
    Choices: [{ Condition: value('$states.input.isGone'), Next: 'HowItEnded' }],
    Default: 'AwaitEnd',
  },
  AwaitEnd: { Type: 'Wait', Seconds: PAUSE_SECONDS, Next: 'TearDown' },
  HowItEnded: choice([['failed', 'GiveUp']], 'Done'),
});

const giveUp = (parts: BakeParts) => ({
  ...call(parts, parts.giveUpArn, {
    ...WHOSE,
    validates: value(VALIDATES),
    fall: value('$states.input.failed'),
    console: value('$exists($states.input.console) ? $states.input.console : ""'),
  }),
  Output: value('$states.result.Payload'),
  Retry: [{ ErrorEquals: ['States.ALL'], ...FOR_HOURS }],
  End: true,
});

const call = ({ partition }: BakeParts, name: string, payload: object) => invoke(partition, name, payload);

/** Who signals a failure may leave out what it is called, and why; and a value that is none would fail the execution. */
const ERROR = {
  error: value('$string($states.errorOutput.Error) & ""'),
  cause: value('$string($states.errorOutput.Cause) & ""'),
};

const fallen = (stage: BakeStage, Next: string) => ({
  ErrorEquals: ['States.ALL'],
  Output: { failed: { stage, ...ERROR } satisfies Fall },
  Next,
});

/** What was known, and what this step has found. */
const merged = (counter?: string) =>
  value(
    counter
      ? `$merge([$states.input, $states.result.Payload, {"${counter}": ${counted(counter)}}])`
      : '$merge([$states.input, $states.result.Payload])',
  );

/** The how manieth look this is, from 1. */
const counted = (counter: string) => `($exists($states.input.${counter}) ? $states.input.${counter} : 0) + 1`;

/** Goes where the first of some fields leads that there is. */
const choice = (ways: readonly (readonly [field: string, next: string])[], Default: string) => ({
  Type: 'Choice',
  Choices: ways.map(([field, Next]) => ({ Condition: value(`$exists($states.input.${field})`), Next })),
  Default,
});
