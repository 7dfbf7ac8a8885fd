import {
  ConflictException,
  CreateScheduleCommand,
  ResourceNotFoundException,
  SchedulerClient,
} from '@aws-sdk/client-scheduler';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, it } from 'vitest';
import { publishLater } from '../../shared/aws/schedule-once.ts';

const scheduler = mockClient(SchedulerClient);
beforeEach(() => {
  scheduler.reset();
  scheduler.on(CreateScheduleCommand).resolves({});
});
const error = { Message: 'because', message: 'because', $metadata: {} };
const later = () =>
  publishLater(
    'backup-i-1',
    '2025-06-06T02:00:00',
    { Source: 'amity', DetailType: 'AmiRequested', Detail: '{"instanceName":"service-api"}' },
    {
      groupName: 'amity-reboots',
      roleArn: 'arn:role',
      busArn: 'arn:bus',
      deadLetterArn: 'arn:dead',
      timeZone: 'Europe/Berlin',
    },
  );

it('is one schedule for one time, which puts the event on the bus, tries again, and goes', async () => {
  await later();
  expect(scheduler.commandCalls(CreateScheduleCommand).map(({ args }) => args[0].input)).toEqual([
    {
      Name: 'backup-i-1',
      GroupName: 'amity-reboots',
      ScheduleExpression: 'at(2025-06-06T02:00:00)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'DELETE',
      Target: {
        Arn: 'arn:bus',
        RoleArn: 'arn:role',
        EventBridgeParameters: { Source: 'amity', DetailType: 'AmiRequested' },
        Input: '{"instanceName":"service-api"}',
        RetryPolicy: { MaximumRetryAttempts: 10, MaximumEventAgeInSeconds: 3600 },
        DeadLetterConfig: { Arn: 'arn:dead' },
      },
    },
  ]);
});

it('one that is there is as good', async () => {
  scheduler.on(CreateScheduleCommand).rejects(new ConflictException(error));
  await later();
});

it('what Scheduler refuses is an error', async () => {
  scheduler.on(CreateScheduleCommand).rejects(new ResourceNotFoundException(error));
  await expect(later()).rejects.toThrow(ResourceNotFoundException);
});
