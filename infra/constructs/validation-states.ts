import { input as created, FOR_HOURS, LAMBDA_BUSY, value } from './states.ts';
import type { WaiterParts } from './waiter-parts.ts';

/** What the name of a validation's execution ends in, after that of its waiter. */
export const VALIDATION = '-validate';

/**
 * A validation that was not started, which its image is not deregistered for: Step Functions was busy. AWS's page names the
 * first without, what it reports has `Exception` behind it; throttling has no class of its own.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
 */
const NOT_STARTED = [
  'StepFunctions.ExecutionLimitExceeded',
  'StepFunctions.ExecutionLimitExceededException',
  'StepFunctions.AWSStepFunctionsException',
  'StepFunctions.SdkClientException',
];

/**
 * Of an image that was baked with a validation: a builder is started from it, and only one that does well is announced. One
 * that does not is deregistered before that is told; so is one that nobody could validate.
 */
export const validationStates = (parts: WaiterParts) => ({
  IsToBeValidated: {
    Type: 'Choice',
    Choices: [{ Condition: value(`$exists(${created('validates')})`), Next: 'Validate' }],
    Default: 'RecordAvailable',
  },
  Validate: {
    Type: 'Task',
    Resource: `arn:${parts.partition}:states:::states:startExecution.sync:2`,
    Arguments: {
      StateMachineArn: parts.validationArn,
      Name: value(`$states.context.Execution.Name & "${VALIDATION}"`),
      Input: {
        requestKey: value(created('requestKey')),
        attempt: value(created('attempt')),
        imageId: value(created('imageId')),
        // Lets the two executions be seen together.
        AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: value('$states.context.Execution.Id'),
      },
    },
    Output: value('$merge([$states.input, $states.result.Output])'),
    Retry: [{ ErrorEquals: NOT_STARTED, ...FOR_HOURS }],
    Catch: [
      {
        ErrorEquals: ['States.ALL'],
        Output: {
          verdict: 'failed',
          stage: 'validate',
          code: 'bake-error',
          message: value(
            '$states.errorOutput.Error & ": " & $substring($string($states.errorOutput.Cause), 0, 500)',
          ),
        },
        Next: 'ConcludeValidation',
      },
    ],
    Next: 'ConcludeValidation',
  },
  ConcludeValidation: {
    Type: 'Task',
    Resource: `arn:${parts.partition}:states:::lambda:invoke`,
    Arguments: {
      FunctionName: parts.concludeValidationArn,
      Payload: {
        imageId: value(created('imageId')),
        hasPassed: value('$states.input.verdict = "available"'),
      },
    },
    Output: value('$states.input'),
    Retry: [
      { ErrorEquals: LAMBDA_BUSY, ...FOR_HOURS },
      {
        ErrorEquals: ['States.ALL'],
        IntervalSeconds: 5,
        BackoffRate: 2,
        MaxAttempts: 8,
        JitterStrategy: 'FULL',
      },
    ],
    // An image that stays all the same says that it failed: it is nobody's newest, and retention takes it in time.
    Catch: [{ ErrorEquals: ['States.ALL'], Output: value(STAYED), Next: 'IsValidated' }],
    Next: 'IsValidated',
  },
  IsValidated: {
    Type: 'Choice',
    Choices: [{ Condition: value('$states.input.verdict = "available"'), Next: 'RecordAvailable' }],
    Default: 'RecordFailed',
  },
});

/** What could not be concluded has not passed. */
const STAYED = `$merge([
  $states.input,
  {"verdict": "failed"},
  $states.input.verdict = "available"
    ? {"stage": "validate", "code": "bake-error", "message": $states.errorOutput.Error & ": the image could not be let out of its validation"}
    : {}
])`;
