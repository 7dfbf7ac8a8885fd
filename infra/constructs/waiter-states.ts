import { validationStates } from './validation-states.ts';
import { announceAvailable, announceFailed, recordAvailable, recordFailed } from './waiter-ends.ts';
import { created, FOR_HOURS, LAMBDA_BUSY, value, type WaiterParts } from './waiter-parts.ts';

/** Longer than any wait, so that a token is there when EC2's event comes; a stale one wakes nobody. */
const TOKEN_SECONDS = 86_400;

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

/**
 * What a function threw comes as JSON with a stack trace: its message alone is for people. (JSONata's own
 * scanner takes no backslash before a bracket in a regular expression.)
 */
const WAITER_ERROR = {
  verdict: 'failed',
  code: 'waiter-error',
  message: value(String.raw`(
    $cause := $string($states.errorOutput.Cause);
    $message := $match($cause, /"errorMessage": ?"(.*?)", ?"/, 1).groups[0];
    $states.errorOutput.Error & ": " & $substring($message ? $replace($message, "\\\"", "\"") : $cause, 0, 500)
  )`),
};

/**
 * Keeps the token under the image's id; whoever sends it ends the state, and so does the time-out.
 * The optimized `dynamodb:putItem` has no callback; the SDK's has.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-ddb.html
 */
const awaitChange = ({ partition, waitingTable, pollSeconds }: WaiterParts) => ({
  Type: 'Task',
  Resource: `arn:${partition}:states:::aws-sdk:dynamodb:putItem.waitForTaskToken`,
  TimeoutSeconds: pollSeconds,
  Arguments: {
    TableName: waitingTable,
    Item: {
      id: { S: value(created('imageId')) },
      taskToken: { S: value('$states.context.Task.Token') },
      expiresAt: { N: value(`$string($floor($millis() / 1000) + ${pollSeconds + TOKEN_SECONDS})`) },
    },
  },
  Catch: [
    { ErrorEquals: ['States.Timeout'], Next: 'CheckImage' },
    { ErrorEquals: ['States.ALL'], Next: 'Pause' },
  ],
  Next: 'CheckImage',
});
