import { AmiAvailable } from '../../shared/events/ami-available.ts';
import { AmiFailed } from '../../shared/events/ami-failed.ts';
import { announce, input as created, FOR_HOURS, value } from './states.ts';
import type { WaiterParts } from './waiter-parts.ts';

const CONDITION_FAILED = 'DynamoDb.ConditionalCheckFailedException';

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

export const recordAvailable = (parts: WaiterParts) => record(parts, AVAILABLE);
export const recordFailed = (parts: WaiterParts) => record(parts, FAILED);

export const announceAvailable = (parts: WaiterParts) =>
  announce(parts, AmiAvailable, {
    createdAt: '$states.input.createdAt',
    // In brackets: JSONata makes nothing of an empty list, and one value of a list of one.
    snapshotIds: '[$states.input.snapshotIds]',
  });
export const announceFailed = (parts: WaiterParts) =>
  announce(parts, AmiFailed, {
    code: '$states.input.code',
    message: '$states.input.message',
    // Of a validation; what is not there is left out.
    stage: '$states.input.stage',
    output: '$states.input.output',
  });
