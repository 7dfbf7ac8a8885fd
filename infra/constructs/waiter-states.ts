import { AmiAvailable } from '../../shared/events/ami-available.ts';
import { AmiFailed } from '../../shared/events/ami-failed.ts';
import { OUR_SOURCE } from '../../shared/events/event.ts';

/** The names and ARNs that the states call; the partition is part of every integration's ARN. */
export interface WaiterParts {
  readonly partition: string;
  readonly checkImageArn: string;
  readonly requestsTable: string;
  readonly waitingTable: string;
  readonly busName: string;
  readonly pollSeconds: number;
}

/** What the execution was started with: an `AmiCreated` and the key of its request. */
const created = (field: string) => `$states.context.Execution.Input.${field}`;
const value = (expression: string) => `{% ${expression} %}`;

/** For hours: what was recorded must be announced, and the other way round. */
const FOR_HOURS = {
  IntervalSeconds: 2,
  BackoffRate: 2,
  MaxDelaySeconds: 300,
  MaxAttempts: 60,
  JitterStrategy: 'FULL',
};

/** Of Lambda itself, before or after our code: https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html */
const LAMBDA_BUSY = [
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.TooManyRequestsException',
];

const CONDITION_FAILED = 'DynamoDb.ConditionalCheckFailedException';

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
        { Condition: value('$states.input.verdict = "available"'), Next: 'RecordAvailable' },
      ],
      Default: 'RecordFailed',
    },
    AwaitChange: awaitChange(parts),
    // The table cannot be written: no wake will come, and waiting is all that is left.
    Pause: { Type: 'Wait', Seconds: parts.pollSeconds, Next: 'CheckImage' },
    RecordAvailable: record(parts, AVAILABLE),
    AnnounceAvailable: announce(parts, AmiAvailable, {
      createdAt: '$states.input.createdAt',
      // In brackets: JSONata makes nothing of an empty list, and one value of a list of one.
      snapshotIds: '[$states.input.snapshotIds]',
    }),
    RecordFailed: record(parts, FAILED),
    AnnounceFailed: announce(parts, AmiFailed, {
      code: '$states.input.code',
      message: '$states.input.message',
    }),
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

/** What a function threw comes as JSON with a stack trace: its message alone is for people. */
const WAITER_ERROR = {
  verdict: 'failed',
  code: 'waiter-error',
  message: value(
    '($cause := $string($states.errorOutput.Cause);' +
      ' $message := $match($cause, /"errorMessage": ?"((\\\\.|[^"\\\\])*)"/, 1).groups[0];' +
      ' $states.errorOutput.Error & ": " & $substring($message ? $message : $cause, 0, 500))',
  ),
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
      imageId: { S: value(created('imageId')) },
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

interface End {
  readonly state: 'available' | 'failed';
  readonly next: string;
  readonly set?: string;
  readonly values?: Record<string, unknown>;
}

const AVAILABLE: End = { state: 'available', next: 'AnnounceAvailable' };
const FAILED: End = {
  state: 'failed',
  next: 'AnnounceFailed',
  set: ', failure = :failure',
  values: {
    ':failure': {
      M: { code: { S: value('$states.input.code') }, message: { S: value('$states.input.message') } },
    },
  },
};

/**
 * Writes the end into the request's item (shared/aws/request-store.ts), if it is still this attempt's turn.
 * The same end once more is no conflict: an answer may have been lost.
 */
const record = ({ partition, requestsTable }: WaiterParts, { state, next, set = '', values }: End) => ({
  Type: 'Task',
  Resource: `arn:${partition}:states:::aws-sdk:dynamodb:updateItem`,
  Arguments: {
    TableName: requestsTable,
    Key: { key: { S: value(created('requestKey')) } },
    UpdateExpression: `SET #state = :state, announced = :true, #version = #version + :one${set}`,
    ConditionExpression: 'imageId = :imageId AND attempt = :attempt AND #state IN (:created, :state)',
    ExpressionAttributeNames: { '#state': 'state', '#version': 'version' },
    ExpressionAttributeValues: {
      ':state': { S: state },
      ':created': { S: 'created' },
      ':true': { BOOL: true },
      ':one': { N: '1' },
      ':imageId': { S: value(created('imageId')) },
      ':attempt': { N: value(`$string(${created('attempt')})`) },
      ...values,
    },
  },
  Output: value('$states.input'),
  Retry: [
    { ErrorEquals: [CONDITION_FAILED], MaxAttempts: 0 },
    { ErrorEquals: ['States.ALL'], ...FOR_HOURS },
  ],
  Catch: [{ ErrorEquals: [CONDITION_FAILED], Next: 'AlreadyRecorded' }],
  Next: next,
});

interface Announced {
  readonly detailType: string;
  readonly schema: { readonly shape: object };
}

/** Puts an event on the bus whose fields are those of its schema: the verdict's own, the rest as created. */
const announce = ({ partition, busName }: WaiterParts, event: Announced, own: Record<string, string>) => ({
  Type: 'Task',
  Resource: `arn:${partition}:states:::events:putEvents`,
  Arguments: {
    Entries: [
      {
        EventBusName: busName,
        Source: OUR_SOURCE,
        DetailType: event.detailType,
        Detail: value(`$string({ ${fieldsOf(event, own).join(', ')} })`),
      },
    ],
  },
  Retry: [{ ErrorEquals: ['States.ALL'], ...FOR_HOURS }],
  End: true,
});

const fieldsOf = ({ schema }: Announced, own: Record<string, string>): string[] =>
  Object.keys(schema.shape).map((field) => `"${field}": ${own[field] ?? created(field)}`);
