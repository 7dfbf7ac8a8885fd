import { OUR_SOURCE } from '../../shared/events/event.ts';

/** JSONata, as Amazon States Language wants it. */
export const value = (expression: string) => `{% ${expression} %}`;
/** What the execution was started with. */
export const input = (field: string) => `$states.context.Execution.Input.${field}`;

/** For hours: what was recorded must be announced, and the other way round. */
export const FOR_HOURS = {
  IntervalSeconds: 2,
  BackoffRate: 2,
  MaxDelaySeconds: 300,
  MaxAttempts: 60,
  JitterStrategy: 'FULL',
};

/** Of Lambda itself, before or after our code: https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html */
export const LAMBDA_BUSY = [
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.TooManyRequestsException',
];

/** Of a step that can be made again. Lambda's own troubles are waited out for hours. */
export const AGAIN = [
  { ErrorEquals: LAMBDA_BUSY, ...FOR_HOURS },
  { ErrorEquals: ['States.ALL'], IntervalSeconds: 2, BackoffRate: 2, MaxAttempts: 6, JitterStrategy: 'FULL' },
];

/** @param Payload an object, or an expression for one */
export const invoke = (partition: string, FunctionName: string, Payload: object | string) => ({
  Type: 'Task',
  Resource: `arn:${partition}:states:::lambda:invoke`,
  Arguments: { FunctionName, Payload },
});

/**
 * What a function threw comes as JSON with a stack trace: its message alone is for people. (JSONata's own
 * scanner takes no backslash before a bracket in a regular expression.)
 */
export const WHY_THROWN = String.raw`(
    $cause := $string($states.errorOutput.Cause);
    $message := $match($cause, /"errorMessage": ?"(.*?)", ?"/, 1).groups[0];
    $states.errorOutput.Error & ": " & $substring($message ? $replace($message, "\\\"", "\"") : $cause, 0, 500)
  )`;
export const THROWN = value(WHY_THROWN);

/** Nobody is kept waiting by this. */
const LEAST_PAUSE_SECONDS = 30;

/**
 * A twentieth of the time that the execution has taken so far, and at least half a minute: an execution holds 25,000 events,
 * which pauses of one length would use up in a day.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export const pause = (pollSeconds: number, Next: string) => ({
  Type: 'Wait',
  Seconds: value(
    `$max([${Math.min(pollSeconds, LEAST_PAUSE_SECONDS)}, $floor(($millis() - $toMillis($states.context.Execution.StartTime)) / 20000)])`,
  ),
  Next,
});

/** Longer than any wait, so that a token is there when an event comes; a stale one wakes nobody. */
const TOKEN_SECONDS = 86_400;

interface Awaited {
  readonly partition: string;
  readonly waitingTable: string;
  readonly pollSeconds: number;
}

/**
 * Keeps the token under an id; whoever sends it ends the state, and so does the time-out.
 * The optimized `dynamodb:putItem` has no callback; the SDK's has.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-ddb.html
 * @param id an expression
 */
export const awaitToken = ({ partition, waitingTable, pollSeconds }: Awaited, id: string) => ({
  Type: 'Task',
  Resource: `arn:${partition}:states:::aws-sdk:dynamodb:putItem.waitForTaskToken`,
  TimeoutSeconds: pollSeconds,
  Arguments: {
    TableName: waitingTable,
    Item: {
      id: { S: value(id) },
      taskToken: { S: value('$states.context.Task.Token') },
      expiresAt: { N: value(`$string($floor($millis() / 1000) + ${pollSeconds + TOKEN_SECONDS})`) },
    },
  },
});

interface Announced {
  readonly detailType: string;
  readonly schema: { readonly shape: object };
}

/** Puts an event on the bus whose fields are those of its schema: some of their own, the rest as the execution was started. */
export const announce = (
  { partition, busName }: { readonly partition: string; readonly busName: string },
  event: Announced,
  own: Readonly<Record<string, string>>,
) => ({
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

const fieldsOf = ({ schema }: Announced, own: Readonly<Record<string, string>>): string[] =>
  Object.keys(schema.shape).map((field) => `"${field}": ${own[field] ?? input(field)}`);
