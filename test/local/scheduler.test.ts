import { CreateEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  GetScheduleCommand,
  ListSchedulesCommand,
  SchedulerClient,
} from '@aws-sdk/client-scheduler';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Observer, observe } from '../../local/observer.ts';
import { allow, deploy, errorOf, role, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws();
const GroupName = 'amity-reboots';
const bus = 'arn:aws:events:us-east-1:000000000000:event-bus/amity';
const RoleArn = 'arn:aws:iam::000000000000:role/reboots';
const input = { instanceName: 'service-api', instanceId: 'i-0123456789abcdef0' };
let scheduler: SchedulerClient;
let observer: Observer;
let names = 0;

beforeAll(async () => {
  scheduler = new SchedulerClient({ ...suite.aws.clientConfig, maxAttempts: 1 });
  await new EventBridgeClient(suite.aws.clientConfig).send(new CreateEventBusCommand({ Name: 'amity' }));
  const put = allow(['events:PutEvents'], bus, {
    StringEquals: { 'events:source': 'amity', 'events:detail-type': 'AmiRequested' },
  });
  await deploy(suite, 'Reboots', {
    Group: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: { Name: GroupName } },
    Role: role('reboots', ['scheduler.amazonaws.com'], put),
    Other: role('not-the-schedulers', ['lambda.amazonaws.com'], put),
  });
  observer = await observe(suite.aws.clientConfig, [
    { bus: 'amity', pattern: { source: ['amity', 'other'] } },
  ]);
});
afterAll(() => observer?.stop());

/** The local time so many seconds from now in a zone, as `at` takes it. */
function at(seconds: number, timeZone = 'UTC'): string {
  const text = new Date(Date.now() + seconds * 1000).toLocaleString('sv-SE', { timeZone });
  return `at(${text.replace(' ', 'T')})`;
}

type Wanted = Partial<Omit<CreateScheduleCommandInput, 'Target'>> & { Target?: object };
async function create({ Target = {}, ...more }: Wanted = {}): Promise<string> {
  names += 1;
  const Name = more.Name ?? `reboot-${names}`;
  await scheduler.send(
    new CreateScheduleCommand({
      Name,
      GroupName,
      ScheduleExpression: at(3600),
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'DELETE',
      ...more,
      Target: {
        Arn: bus,
        RoleArn,
        EventBridgeParameters: { DetailType: 'AmiRequested', Source: 'amity' },
        Input: JSON.stringify({ ...input, requestId: Name }),
        RetryPolicy: { MaximumRetryAttempts: 10, MaximumEventAgeInSeconds: 3600 },
        DeadLetterConfig: { Arn: 'arn:aws:sqs:us-east-1:000000000000:letters' },
        ...Target,
      },
    }),
  );
  return Name;
}
const arrived = (id: string) =>
  observer.events.filter(({ detail }) => (detail as { requestId?: string }).requestId === id);
const until = (id: string) =>
  vi.waitFor(() => expect(arrived(id)).toHaveLength(1), { timeout: 8000, interval: 50 });
const fire = (name: string) => suite.aws.control.services.fireSchedule(name, GroupName);
const get = (Name: string) => scheduler.send(new GetScheduleCommand({ Name, GroupName }));

describe('a one-time schedule', () => {
  it.each(['UTC', 'Europe/Berlin', 'America/Los_Angeles', 'Asia/Kolkata'])(
    'puts its event at its time in %s, and is gone',
    async (timeZone) => {
      const before = Date.now();
      const ScheduleExpression = at(2, timeZone);
      const name = await create({ ScheduleExpression, ScheduleExpressionTimezone: timeZone });
      await until(name);
      expect(Date.now() - before).toBeGreaterThan(900);
      expect(arrived(name)).toMatchObject([
        {
          source: 'amity',
          'detail-type': 'AmiRequested',
          account: '000000000000',
          region: 'us-east-1',
          detail: { ...input, requestId: name },
        },
      ]);
      await vi.waitFor(async () => expect((await errorOf(get(name))).name).toBe('ResourceNotFoundException'));
    },
  );

  it('that is asked for too late is due at once', async () => {
    await until(await create({ ScheduleExpression: 'at(2022-12-31T23:59:59)' }));
  });

  it('waits, and can be fired by hand, once', async () => {
    const kept = await create({ ActionAfterCompletion: 'NONE' });
    const gone = await create();
    expect(arrived(gone)).toEqual([]);
    for (const name of [kept, gone, kept]) await fire(name);
    await until(gone);
    await until(kept);
    expect((await get(kept)).Arn).toMatch(`:schedule/${GroupName}/${kept}`);
    await expect(fire(gone)).rejects.toThrow(/There is no schedule/);
  });

  it('of a name that is there is a conflict, and of the same client token the same', async () => {
    const Name = await create({ ClientToken: 'one', ScheduleExpression: 'at(2099-01-01T02:00:00)' });
    const again = { Name, ScheduleExpression: 'at(2099-01-01T02:00:00)' };
    await create({ ...again, ClientToken: 'one' });
    expect((await errorOf(create({ ...again, ClientToken: 'two' }))).name).toBe('ConflictException');
    const other = create({ Name, ClientToken: 'one', ScheduleExpression: 'at(2099-01-01T03:00:00)' });
    expect((await errorOf(other)).name).toBe('ConflictException');
    const listed = await scheduler.send(new ListSchedulesCommand({ GroupName, NamePrefix: Name }));
    expect(listed.Schedules).toMatchObject([{ Name, GroupName }]);
  });

  it.each<[string, Wanted, string]>([
    [
      'with fractions of a second',
      { ScheduleExpression: 'at(2099-01-01T02:00:00.000)' },
      'ValidationException',
    ],
    ['with a zone in its time', { ScheduleExpression: 'at(2099-01-01T02:00:00Z)' }, 'ValidationException'],
    ['at no day', { ScheduleExpression: 'at(2099-02-30T02:00:00)' }, 'ValidationException'],
    ['in no zone', { ScheduleExpressionTimezone: 'Europe/Nowhere' }, 'ValidationException'],
    ['with a name too long', { Name: 'x'.repeat(65) }, 'ValidationException'],
    ['in no group', { GroupName: 'none' }, 'ResourceNotFoundException'],
    ['without what the bus is told', { Target: { EventBridgeParameters: undefined } }, 'ValidationException'],
    ['with no JSON', { Target: { Input: 'reboot' } }, 'ValidationException'],
    [
      'under a role that Scheduler may not assume',
      { Target: { RoleArn: RoleArn.replace('reboots', 'not-the-schedulers') } },
      'ValidationException',
    ],
  ])('%s is refused', async (_, more, name) => {
    expect((await errorOf(create(more))).name).toBe(name);
  });

  it('puts only what its role may put', async () => {
    await suite.aws.control.enforceIam(true);
    const Target = { EventBridgeParameters: { DetailType: 'AmiRequested', Source: 'other' } };
    const [denied, allowed] = [await create({ Target }), await create()];
    await fire(denied);
    await fire(allowed);
    await until(allowed);
    expect(arrived(denied)).toEqual([]);
    const calls = await suite.aws.control.calls({ service: 'events', action: 'PutEvents' });
    expect(calls).toMatchObject([{ errorCode: 'AccessDenied' }]);
  });
});
