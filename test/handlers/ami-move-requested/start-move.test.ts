import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/ami-move-requested/start-move.ts';
import { everyCut, once } from '../../support/calls.ts';
import { DAY, passes, stopClock } from '../../support/clock.ts';
import { example } from '../../support/events.ts';
import { SOURCE } from '../../support/move-world.ts';
import { RolloutWorld } from '../../support/rollout-world.ts';
import { deliver } from '../../support/world.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
stopClock();

let world: RolloutWorld;
beforeEach(() => {
  world = new RolloutWorld();
});
const minimal = { instanceId: SOURCE, subnetId: 'subnet-0fedcba9876543210' };
const asked = (detail: object = { ...minimal, requestId: 'one' }, overrides: object = {}) =>
  example('ami-move-requested', { detail, ...overrides });
const start = async (event = asked()) => expect(await deliver(handler, [event])).toEqual([]);
const names = () => [...world.states.executions.keys()];

describe('a request', () => {
  it('starts one execution, which knows everything', async () => {
    await start(example('ami-move-requested'));
    expect(names()).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    expect(world.executions).toEqual([
      {
        requestId: 'leave-us-east-1a',
        sourceInstanceId: SOURCE,
        subnetId: 'subnet-0fedcba9876543210',
        stopSource: true,
        imageRequestId: `move-${names()[0]}`,
      },
    ]);
    expect(world.bus.published).toEqual([]);
  });

  it('leaves the source running unless it says otherwise, and may come without an id', async () => {
    await start(asked(minimal));
    expect(world.executions).toMatchObject([
      { stopSource: false, requestId: expect.stringMatching(/^\w{32}$/) },
    ]);
  });

  it('is one, however often it is delivered, or replayed long after its execution is forgotten', async () => {
    for (let times = 0; times < 3; times += 1) await start();
    world.states.executions.clear();
    passes(100 * DAY);
    await start(asked(undefined, { id: 'replayed', 'replay-name': 'a-quarter' }));
    expect(names()).toEqual([]);
    expect(world.table.found('rollouts', 'move#')).toMatchObject([{ expiresAt: expect.any(Number) }]);
  });

  it('is another one with another id, or from another source', async () => {
    await start();
    await start(asked({ ...minimal, requestId: 'two' }));
    await start(asked(undefined, { source: 'somebody.else' }));
    expect(new Set(names()).size).toBe(3);
    const ids = world.executions.map((each) => (each as { imageRequestId: string }).imageRequestId);
    expect(new Set(ids).size).toBe(3);
  });
});

describe('a detail that is no request', () => {
  it.each([
    ['no instance', { ...minimal, instanceId: undefined }],
    ['an instance id that is none', { ...minimal, instanceId: 'service-api' }],
    ['no subnet', { ...minimal, subnetId: undefined }],
    ['a subnet id that is none', { ...minimal, subnetId: 'us-east-1b' }],
    ['a word for yes', { ...minimal, stopSource: 'yes' }],
  ])('%s: told once, and nothing is started', async (_, detail) => {
    await start(asked(detail));
    await start(asked(detail, { 'replay-name': 'again' }));
    expect(world.bus.published).toMatchObject([
      { type: 'AmiMoveFailed', detail: { code: 'invalid-request' } },
    ]);
    expect(names()).toEqual([]);
  });

  it('does not shadow the request whose id it would have had', async () => {
    await start(asked({ requestId: 'one' }));
    await start();
    expect(names()).toHaveLength(1);
  });
});

const CALLS = ['Get', 'StartExecution', 'Put'];
it.each(everyCut(CALLS))(
  '$how $when $name, then the message again: one execution',
  async ({ number, ...cut }) => {
    world.calls.faults = once(cut, { number });
    await Promise.race([deliver(handler, [asked()]), world.calls.died]);
    await start();
    await start();
    expect(names()).toHaveLength(1);
  },
);

it('these are all the calls that there are', async () => {
  await start();
  expect(world.calls.names).toEqual(CALLS);
});
