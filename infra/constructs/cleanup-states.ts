import { LAMBDA_BUSY, value } from './states.ts';

interface CleanupParts {
  readonly partition: string;
  readonly cleanUpArn: string;
}

/** Minutes apart: what hinders a run (a throttled account, a service that is down) does not pass in seconds. */
const RETRY = { IntervalSeconds: 60, BackoffRate: 2, MaxAttempts: 4 };

/** A run that is not done by then ends with a report, and leaves the rest to the next one, by default a day later. */
const LONGEST_MS = 23 * 3_600_000;
const TOO_LONG = `$millis() - $toMillis($states.context.Execution.StartTime) > ${LONGEST_MS}`;

/**
 * One run of the clean-up over all names, however long: each call of the function goes on where the one before ended, or
 * died. What a run has done is written down under its id, so nothing travels from call to call.
 */
export const cleanupDefinition = (parts: CleanupParts) => ({
  Comment: 'Cleans up all names, call after call, until nothing is left to do',
  QueryLanguage: 'JSONata',
  StartAt: 'CleanUp',
  States: {
    CleanUp: {
      ...call(parts, value(TOO_LONG)),
      // Lambda's own troubles do not use up the tries for what the function throws.
      Retry: [
        { ErrorEquals: LAMBDA_BUSY, ...RETRY },
        { ErrorEquals: ['States.ALL'], ...RETRY },
      ],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'TellWhatWasDone' }],
      Next: 'IsDone',
    },
    // The last call reports, whatever is left to do.
    TellWhatWasDone: {
      ...call(parts, true),
      Retry: [{ ErrorEquals: ['States.ALL'], ...RETRY }],
      Next: 'Failed',
    },
    IsDone: {
      Type: 'Choice',
      Choices: [
        { Condition: value('$not($states.input.done)'), Next: 'CleanUp' },
        { Condition: value('$count($states.input.report.failed) > 0'), Next: 'Failed' },
      ],
      Default: 'Done',
    },
    Done: { Type: 'Succeed' },
    Failed: {
      Type: 'Fail',
      Error: 'CleanUpFailed',
      Cause: 'The AmiCleaned of this run, and the log of the function, name each failure.',
    },
  },
});

const call = ({ partition, cleanUpArn }: CleanupParts, last: string | boolean) => ({
  Type: 'Task',
  Resource: `arn:${partition}:states:::lambda:invoke`,
  // Longer than the function may run: an answer that was lost is not awaited for ever.
  TimeoutSeconds: 1_000,
  Arguments: {
    FunctionName: cleanUpArn,
    Payload: {
      runId: value('$states.context.Execution.Name'),
      startedAt: value('$states.context.Execution.StartTime'),
      last,
    },
  },
  Output: value('$states.result.Payload'),
});
