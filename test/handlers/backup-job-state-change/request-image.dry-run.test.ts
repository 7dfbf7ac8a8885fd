import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/backup-job-state-change/request-image.ts';
import { stopClock } from '../../support/clock.ts';
import { example } from '../../support/events.ts';
import { MoveWorld, SOURCE } from '../../support/move-world.ts';
import { deliver } from '../../support/world.ts';

vi.hoisted(() => {
  vi.stubEnv('DRY_RUN', 'true');
  vi.stubEnv('REBOOT_WINDOW', '02:00-04:00');
  for (const name of ['BUS_ARN', 'SCHEDULE_GROUP', 'SCHEDULE_ROLE_ARN', 'UNDELIVERED_ARN'])
    vi.stubEnv(name, 'x');
});
stopClock();

it('says what would be asked for, and when, and asks for nothing', async () => {
  const scheduler = mockClient(SchedulerClient);
  const world = new MoveWorld();
  world.source.Tags?.push({ Key: 'amity:consistent', Value: 'true' });
  expect(await deliver(handler, [example('aws/backup-job-state-change')])).toEqual([]);
  expect(world.bus.published).toEqual([
    {
      type: 'AmiRolloutPlanned',
      detail: {
        instanceName: 'service-api',
        instanceId: SOURCE,
        requestId: `backup-${SOURCE}-2025-06-06`,
        code: 'request-image',
        message: `${SOURCE} would be imaged, with a reboot, at 2025-06-06T02:00:00.`,
      },
    },
  ]);
  expect(scheduler.calls()).toHaveLength(0);
  expect(world.changes).toEqual([]);
});
