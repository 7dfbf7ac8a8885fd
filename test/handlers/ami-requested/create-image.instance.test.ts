import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/ami-requested/create-image.ts';
import { everyCut, once } from '../../support/calls.ts';
import { HOUR, MINUTE, passes, stopClock } from '../../support/clock.ts';
import { example, request, sqsRecord } from '../../support/events.ts';
import { instance } from '../../support/fake-ec2.ts';
import { deliver, World } from '../../support/world.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

const MEANT = 'i-0123456789abcdef0';
const OLDER = 'i-0000000000000000a';
const meant = (facts: Parameters<typeof instance>[0] = {}) =>
  instance({ id: MEANT, launchedAt: '2025-03-01T00:00:00Z', ...facts });
const member = (made = meant()) => ({
  ...made,
  Tags: [...(made.Tags ?? []), { Key: 'aws:autoscaling:groupName', Value: 'web' }],
});

let world: World;
/** Two instances of the name; the older one is what is imaged otherwise. */
beforeEach(() => {
  world = new World();
  world.ec2.instances = [instance({ id: OLDER, launchedAt: '2025-01-01T00:00:00Z' }), meant()];
});
const wanted = (detail: object = {}) => request({ requestId: 'one', instanceId: MEANT, ...detail });
const make = async (event = wanted()) => expect(await deliver(handler, [event])).toEqual([]);
const imaged = () => world.ec2.images.map(({ SourceInstanceId }) => SourceInstanceId);
const failures = () => world.bus.of('AmiFailed');

describe('a request that names an instance', () => {
  it('has that one imaged, though there is an older one of the name', async () => {
    await make();
    await make(request({ requestId: 'two' }));
    expect(imaged()).toEqual([MEANT, OLDER]);
    expect(world.bus.of('AmiCreated')[0]).toMatchObject({ instanceId: MEANT, instanceName: 'service-api' });
  });

  it('is what a consistent backup asks for', async () => {
    await make(example('ami-requested.backup'));
    expect(world.ec2.creations).toMatchObject([
      { InstanceId: MEANT, NoReboot: false, Name: 'service-api-Backup-2025-06-05_05_41' },
    ]);
  });

  it('is in one batch with one that does not, and each gets its own', async () => {
    await deliver(handler, [request({ requestId: 'two' }), wanted()]);
    expect(imaged()).toEqual([OLDER, MEANT]);
  });

  it('never has another one imaged in its place: gone', async () => {
    world.ec2.gone.add(MEANT);
    await make();
    expect(world.ec2.images).toEqual([]);
    expect(failures()).toMatchObject([
      { code: 'no-running-instance', message: expect.stringContaining(`${MEANT} is not running`) },
    ]);
  });

  it.each([
    ['stopped', { state: 'stopped' as const }],
    ['of another name', { name: 'service-worker' }],
  ])('is refused where it is %s', async (_, facts) => {
    world.ec2.instances[1] = meant(facts);
    await make();
    expect(imaged()).toEqual([]);
    expect(failures()).toMatchObject([{ code: 'no-running-instance', requestId: 'one' }]);
  });

  it.each(['i-1', 'service-api', ''])('is no request where the id is "%s"', async (instanceId) => {
    await make(wanted({ instanceId }));
    expect(imaged()).toEqual([]);
    expect(failures()).toMatchObject([
      { code: 'invalid-request', message: expect.stringContaining('/instanceId') },
    ]);
  });
});

describe('a member of an Auto Scaling group', () => {
  beforeEach(() => {
    world.ec2.instances[1] = member();
  });

  it('is not rebooted: the group might replace it', async () => {
    await make(wanted({ noReboot: false }));
    expect(imaged()).toEqual([]);
    expect(failures()).toMatchObject([
      { code: 'auto-scaling-member', message: expect.stringContaining('the Auto Scaling group web') },
    ]);
  });

  it('is imaged without a reboot', async () => {
    await make();
    expect(imaged()).toEqual([MEANT]);
  });

  it('is imaged with a reboot where the request means any of the name', async () => {
    world.ec2.instances = [member()];
    await make(request({ requestId: 'two', noReboot: false }));
    expect(imaged()).toEqual([MEANT]);
  });
});

it('waits for EC2 with the instance that was meant, from delivery to delivery', async () => {
  const message = sqsRecord(wanted(), { messageId: 'one' });
  world.calls.faults = once({ when: 'before', how: 'dies' }, { name: 'CreateImage' });
  void deliver(handler, [message]);
  await world.calls.died;
  passes(5 * MINUTE);
  expect(await deliver(handler, [message])).toEqual([]);
  expect(world.ec2.images).toMatchObject([{ SourceInstanceId: MEANT }]);
});

it('a replay of one that failed tries the same instance', async () => {
  world.ec2.instances[1] = meant({ state: 'stopped' });
  await make();
  passes(HOUR);
  world.ec2.instances[1] = meant();
  await make({ ...wanted(), 'replay-name': 'a-day' });
  expect(world.ec2.images).toMatchObject([{ SourceInstanceId: MEANT }]);
});

const CALLS = [
  'Get',
  'Put',
  'DescribeInstances',
  'CreateImage',
  'TransactWrite',
  'PutEvents',
  'TransactWrite',
];
it.each(everyCut(CALLS))(
  '$how $when call $number, $name: one image, of that instance',
  async ({ number, ...cut }) => {
    const message = sqsRecord(wanted());
    world.calls.faults = once(cut, { number });
    await Promise.race([deliver(handler, [message]), world.calls.died]);
    passes(5 * MINUTE);
    expect(await deliver(handler, [message])).toEqual([]);
    expect(world.ec2.images).toMatchObject([{ SourceInstanceId: MEANT }]);
  },
);

it('these are all the calls that there are', async () => {
  await make();
  expect(world.calls.names).toEqual(CALLS);
});
