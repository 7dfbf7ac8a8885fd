import { AmiMoveFailed } from '../../shared/events/ami-move-failed.ts';
import { AmiMoved } from '../../shared/events/ami-moved.ts';
import { AGAIN, announce, invoke, pause, value, WHY_THROWN } from './states.ts';

export interface MoveParts {
  readonly partition: string;
  readonly requestImageArn: string;
  readonly runInstanceArn: string;
  readonly concludeArn: string;
  readonly busName: string;
  readonly pollSeconds: number;
}

const KNOWN = '$merge([$states.context.Execution.Input, $states.input])';

/** What a step has found is known to the next; what it threw for good ends the move. */
const step = (partition: string, arn: string, payload: string) => ({
  ...invoke(partition, arn, value(payload)),
  // `pending` is of this look alone.
  Output: value(
    '$merge([$sift($states.input, function($found, $name) { $name != "pending" }), $states.result.Payload])',
  ),
  Retry: AGAIN,
  Catch: [
    {
      ErrorEquals: ['States.ALL'],
      Output: value(`$merge([$states.input, {"failed": {"code": "move-error", "message": ${WHY_THROWN}}}])`),
      Next: 'AnnounceFailed',
    },
  ],
});

const choose = (pending: string, next: string) => ({
  Type: 'Choice',
  Choices: [
    { Condition: value('$exists($states.input.failed)'), Next: 'AnnounceFailed' },
    { Condition: value('$exists($states.input.pending)'), Next: pending },
  ],
  Default: next,
});

/**
 * The move of one instance, in Amazon States Language with JSONata: have it imaged, start one like it, see it pass its status
 * checks, stop the source if that was asked for. Whatever happens, the source is not terminated.
 */
export const moveDefinition = (parts: MoveParts) => {
  const { partition, pollSeconds } = parts;
  return {
    Comment: 'Moves an instance into another subnet by way of an image',
    QueryLanguage: 'JSONata',
    StartAt: 'RequestImage',
    States: {
      RequestImage: {
        ...step(partition, parts.requestImageArn, '$states.context.Execution.Input'),
        Next: 'IsRequested',
      },
      IsRequested: choose('RequestImage', 'RunInstance'),
      RunInstance: {
        ...step(
          partition,
          parts.runInstanceArn,
          `$merge([${KNOWN}, {"startedAt": $states.context.Execution.StartTime}])`,
        ),
        Next: 'IsRun',
      },
      IsRun: choose('AwaitImage', 'Conclude'),
      AwaitImage: pause(pollSeconds, 'RunInstance'),
      Conclude: {
        ...step(partition, parts.concludeArn, KNOWN),
        Next: 'IsConcluded',
      },
      IsConcluded: choose('AwaitChecks', 'AnnounceMoved'),
      AwaitChecks: pause(pollSeconds, 'Conclude'),
      AnnounceMoved: announce(parts, AmiMoved, {
        instanceId: '$states.input.instanceId',
        imageId: '$states.input.imageId',
        instanceName: '$states.input.instanceName',
        sourceStopped: '$states.context.Execution.Input.stopSource',
      }),
      AnnounceFailed: announce(parts, AmiMoveFailed, {
        code: '$states.input.failed.code',
        message: '$states.input.failed.message',
        instanceId: '$states.input.instanceId',
        imageId: '$states.input.imageId',
        instanceName: '$states.input.instanceName',
      }),
    },
  };
};
