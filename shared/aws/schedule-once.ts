import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { ConflictException, CreateScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { requestHandler } from './clients.ts';

const client = new SchedulerClient({ requestHandler, maxAttempts: 5 });

/** Where the stack's own one-time schedules are, and who puts their events. */
export interface Later {
  readonly groupName: string;
  readonly roleArn: string;
  readonly busArn: string;
  /** Of the queue for what cannot be put. */
  readonly deadLetterArn: string;
  readonly timeZone: string;
}

type Entry = Pick<PutEventsRequestEntry, 'Source' | 'DetailType' | 'Detail'>;

/**
 * Puts an event on the bus at a later time, once; a second call of that name changes nothing.
 * Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#one-time
 * @param at the wall clock of the time zone, YYYY-MM-DDTHH:MM:SS
 */
export async function publishLater(name: string, at: string, entry: Entry, later: Later): Promise<void> {
  try {
    await client.send(
      new CreateScheduleCommand({
        Name: name,
        GroupName: later.groupName,
        ScheduleExpression: `at(${at})`,
        ScheduleExpressionTimezone: later.timeZone,
        FlexibleTimeWindow: { Mode: 'OFF' },
        ActionAfterCompletion: 'DELETE',
        Target: {
          Arn: later.busArn,
          RoleArn: later.roleArn,
          EventBridgeParameters: { Source: entry.Source, DetailType: entry.DetailType },
          Input: entry.Detail,
          RetryPolicy: { MaximumRetryAttempts: 10, MaximumEventAgeInSeconds: 3600 },
          DeadLetterConfig: { Arn: later.deadLetterArn },
        },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConflictException)) throw error;
  }
}
