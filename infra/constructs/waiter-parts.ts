/** The names and ARNs that the states call; the partition is part of every integration's ARN. */
export interface WaiterParts {
  readonly partition: string;
  readonly checkImageArn: string;
  /** The state machine that validates what was baked. */
  readonly validationArn: string;
  readonly concludeValidationArn: string;
  readonly requestsTable: string;
  readonly waitingTable: string;
  readonly busName: string;
  readonly pollSeconds: number;
}

/** What the execution was started with: an `AmiCreated` and the key of its request. */
export const created = (field: string) => `$states.context.Execution.Input.${field}`;
export const value = (expression: string) => `{% ${expression} %}`;

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
