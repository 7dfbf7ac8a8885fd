import { awaitToken, input as created, FOR_HOURS, LAMBDA_BUSY, THROWN, value } from './states.ts';
import { validationStates } from './validation-states.ts';
import { announceAvailable, announceFailed, recordAvailable, recordFailed } from './waiter-ends.ts';
import type { WaiterParts } from './waiter-parts.ts';

/**
 * The waiter of one image, in Amazon States Language with JSONata: check the image, choose, await a change,
 * check again. It checks first: a wake that came before the token was kept would cost a whole poll.
 * An end is recorded, then announced; each step can be repeated.
 */
export const waiterDefinition = (parts: WaiterParts) => ({
  Comment: 'Waits for an image to become available, and announces how it ended',
  QueryLanguage: 'JSONata',
  StartAt: 'CheckImage',
  States: {
    CheckImage: checkImage(parts),
    WhatNow: {
      Type: 'Choice',
      Choices: [
        { Condition: value('$states.input.verdict = "pending"'), Next: 'AwaitChange' },
        { Condition: value('$states.input.verdict = "available"'), Next: 'IsToBeValidated' },
      ],
      Default: 'RecordFailed',
    },
    ...validationStates(parts),
    AwaitChange: awaitChange(parts),
    // The table cannot be written: no wake will come, and waiting is all that is left.
    Pause: { Type: 'Wait', Seconds: parts.pollSeconds, Next: 'CheckImage' },
    RecordAvailable: recordAvailable(parts),
    AnnounceAvailable: announceAvailable(parts),
    RecordFailed: recordFailed(parts),
    AnnounceFailed: announceFailed(parts),
    // A replay began another attempt, or another waiter of this image came first: it announces.
    AlreadyRecorded: { Type: 'Succeed' },
  },
});

const checkImage = ({ partition, checkImageArn }: WaiterParts) => ({
  Type: 'Task',
  Resource: `arn:${partition}:states:::lambda:invoke`,
  Arguments: {
    FunctionName: checkImageArn,
    Payload: {
      imageId: value(created('imageId')),
      startedAt: value('$states.context.Execution.StartTime'),
      validates: value(`$exists(${created('validates')})`),
    },
  },
  Output: value('$states.result.Payload'),
  Retry: [
    { ErrorEquals: LAMBDA_BUSY, ...FOR_HOURS },
    {
      ErrorEquals: ['States.ALL'],
      IntervalSeconds: 5,
      BackoffRate: 2,
      MaxAttempts: 4,
      JitterStrategy: 'FULL',
    },
  ],
  Catch: [{ ErrorEquals: ['States.ALL'], Output: WAITER_ERROR, Next: 'RecordFailed' }],
  Next: 'WhatNow',
});

const WAITER_ERROR = { verdict: 'failed', code: 'waiter-error', message: THROWN };

const awaitChange = (parts: WaiterParts) => ({
  ...awaitToken(parts, created('imageId')),
  Catch: [
    { ErrorEquals: ['States.Timeout'], Next: 'CheckImage' },
    { ErrorEquals: ['States.ALL'], Next: 'Pause' },
  ],
  Next: 'CheckImage',
});
