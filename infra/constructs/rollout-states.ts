import { AmiRolloutFailed } from '../../shared/events/ami-rollout-failed.ts';
import { AmiRolloutSucceeded } from '../../shared/events/ami-rollout-succeeded.ts';
import { AGAIN, announce, awaitToken, input, invoke, pause, THROWN, value } from './states.ts';

export interface RolloutParts {
  readonly partition: string;
  readonly startRefreshArn: string;
  readonly checkRefreshArn: string;
  readonly waitingTable: string;
  readonly busName: string;
  readonly pollSeconds: number;
}

/** What a function threw for good. */
const BROKEN = {
  ErrorEquals: ['States.ALL'],
  Output: { code: 'rollout-error', message: THROWN },
  Next: 'AnnounceFailed',
};

/**
 * The refresh of one group, in Amazon States Language with JSONata: begin it, as soon as no other one runs; await its end;
 * tell it. A newer version that was rolled out meanwhile ends it without a word: that one has its own.
 */
export const rolloutDefinition = (parts: RolloutParts) => ({
  Comment: 'Refreshes an Auto Scaling group, and announces how that ended',
  QueryLanguage: 'JSONata',
  StartAt: 'StartRefresh',
  States: {
    StartRefresh: {
      ...invoke(parts.partition, parts.startRefreshArn, {
        refresh: value('$states.context.Execution.Input'),
      }),
      Output: value('$states.result.Payload'),
      Retry: AGAIN,
      Catch: [BROKEN],
      Next: 'IsStarted',
    },
    IsStarted: {
      Type: 'Choice',
      Choices: [
        { Condition: value('$states.input.outcome = "started"'), Next: 'AwaitEnd' },
        { Condition: value('$states.input.outcome = "busy"'), Next: 'AwaitOther' },
        { Condition: value('$states.input.outcome = "failed"'), Next: 'AnnounceFailed' },
      ],
      Default: 'Over',
    },
    // The event of the other one's end would wake somebody else.
    AwaitOther: pause(parts.pollSeconds, 'StartRefresh'),
    AwaitEnd: {
      ...awaitToken(parts, '$states.input.refreshId'),
      Output: value('$states.input'),
      Catch: [
        { ErrorEquals: ['States.Timeout'], Output: value('$states.input'), Next: 'CheckRefresh' },
        { ErrorEquals: ['States.ALL'], Output: value('$states.input'), Next: 'Pause' },
      ],
      Next: 'CheckRefresh',
    },
    // The table cannot be written: no wake will come, and waiting is all that is left.
    Pause: { Type: 'Wait', Seconds: parts.pollSeconds, Next: 'CheckRefresh' },
    CheckRefresh: {
      ...invoke(parts.partition, parts.checkRefreshArn, {
        autoScalingGroupName: value(input('autoScalingGroupName')),
        refreshId: value('$states.input.refreshId'),
        startedAt: value('$states.context.Execution.StartTime'),
      }),
      Output: value('$merge([$states.input, $states.result.Payload])'),
      Retry: AGAIN,
      Catch: [BROKEN],
      Next: 'HowItStands',
    },
    HowItStands: {
      Type: 'Choice',
      Choices: [
        { Condition: value('$states.input.verdict = "running"'), Next: 'AwaitEnd' },
        { Condition: value('$states.input.verdict = "succeeded"'), Next: 'AnnounceSucceeded' },
      ],
      Default: 'AnnounceFailed',
    },
    AnnounceSucceeded: announce(parts, AmiRolloutSucceeded, {}),
    AnnounceFailed: announce(parts, AmiRolloutFailed, {
      code: '$states.input.code',
      message: '$states.input.message',
    }),
    Over: { Type: 'Succeed' },
  },
});
