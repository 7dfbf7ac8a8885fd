import {
  ConflictException,
  CreateScheduleCommand,
  SchedulerClient,
  ThrottlingException,
} from '@aws-sdk/client-scheduler';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/backup-job-state-change/request-image.ts';
import { stopClock } from '../../support/clock.ts';
import { example } from '../../support/events.ts';
import { MoveWorld, SOURCE } from '../../support/move-world.ts';
import { deliver } from '../../support/world.ts';

vi.hoisted(() => {
  vi.stubEnv('REBOOT_WINDOW', '22:00-04:00');
  vi.stubEnv('TIME_ZONE', 'Europe/Berlin');
  vi.stubEnv('BUS_ARN', 'arn:aws:events:us-east-1:000000000000:event-bus/amity');
  vi.stubEnv('SCHEDULE_GROUP', 'amity-reboots');
  vi.stubEnv('SCHEDULE_ROLE_ARN', 'arn:aws:iam::000000000000:role/amity-reboots');
  vi.stubEnv('UNDELIVERED_ARN', 'arn:aws:sqs:us-east-1:000000000000:undelivered');
});
stopClock();

const scheduler = mockClient(SchedulerClient);
let world: MoveWorld;
beforeEach(() => {
  world = new MoveWorld();
  world.source.Tags?.push({ Key: 'amity:consistent', Value: 'true' });
  scheduler.reset();
  scheduler.on(CreateScheduleCommand).resolves({});
});
const complete = () => deliver(handler, [example('aws/backup-job-state-change')]);
const scheduled = () => scheduler.commandCalls(CreateScheduleCommand).map(({ args }) => args[0].input);

describe('outside of the window', () => {
  it('the request is put off by a schedule of its own, which goes when it has been', async () => {
    vi.setSystemTime('2025-06-05T12:00:00Z');
    expect(await complete()).toEqual([]);
    expect(world.bus.published).toEqual([]);
    expect(scheduled()).toMatchObject([
      {
        Name: `backup-${SOURCE}-2025-06-05`,
        GroupName: 'amity-reboots',
        ScheduleExpression: 'at(2025-06-05T22:00:00)',
        ScheduleExpressionTimezone: 'Europe/Berlin',
        ActionAfterCompletion: 'DELETE',
        Target: {
          Arn: 'arn:aws:events:us-east-1:000000000000:event-bus/amity',
          EventBridgeParameters: { Source: 'amity', DetailType: 'AmiRequested' },
        },
      },
    ]);
    expect(JSON.parse(scheduled()[0]?.Target?.Input ?? '')).toEqual({
      instanceName: 'service-api',
      instanceId: SOURCE,
      requestId: `backup-${SOURCE}-2025-06-05`,
      reason: 'Backup',
      noReboot: false,
    });
  });

  it('a second backup of the day finds it there', async () => {
    vi.setSystemTime('2025-06-05T12:00:00Z');
    scheduler
      .on(CreateScheduleCommand)
      .rejects(new ConflictException({ Message: 'there', message: 'there', $metadata: {} }));
    expect(await complete()).toEqual([]);
  });

  it('Scheduler down: again later', async () => {
    vi.setSystemTime('2025-06-05T12:00:00Z');
    scheduler
      .on(CreateScheduleCommand)
      .rejects(new ThrottlingException({ Message: 'slow', message: 'slow', $metadata: {} }));
    expect(await complete()).toHaveLength(1);
    expect(world.bus.published).toEqual([]);
  });
});

describe('inside of the window, it is asked for at once', () => {
  it.each([
    ['from its first minute', '2025-06-05T20:00:00Z', '2025-06-05'],
    ['over midnight, by the day of the time zone', '2025-06-05T22:30:00Z', '2025-06-06'],
    ['to its last', '2025-06-06T01:59:59Z', '2025-06-06'],
  ])('%s', async (_, now, day) => {
    vi.setSystemTime(now);
    await complete();
    expect(world.bus.of('AmiRequested')).toMatchObject([{ requestId: `backup-${SOURCE}-${day}` }]);
    expect(scheduled()).toEqual([]);
  });
});

it.each(['2025-06-05T19:59:59Z', '2025-06-06T02:00:00Z'])('%s is outside', async (now) => {
  vi.setSystemTime(now);
  await complete();
  expect(world.bus.published).toEqual([]);
  expect(scheduled()).toHaveLength(1);
});
