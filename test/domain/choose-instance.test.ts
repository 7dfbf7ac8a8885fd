import { describe, expect, it } from 'vitest';
import {
  type Candidate,
  candidatesFor,
  inGroup,
  instanceStoreBacked,
  noInstance,
} from '../../shared/domain/choose-instance.ts';
import { fc } from '../support/property.ts';

const candidate = (overrides: Partial<Candidate> = {}): Candidate => ({
  instanceId: 'i-1',
  name: 'service-api',
  state: 'running',
  launchedAt: new Date('2025-01-01'),
  rootDeviceType: 'ebs',
  ...overrides,
});
const meant = { instanceName: 'service-api' };
const wanted = { ...meant, wantedInstanceId: 'i-1' };

it('a running instance of that name is a candidate', () => {
  expect(candidatesFor(meant, [candidate()])).toEqual([candidate()]);
  expect(candidatesFor(wanted, [candidate()])).toEqual([candidate()]);
});

it.each<[string, Partial<Candidate>]>([
  ['another name', { name: 'service-worker' }],
  ['another case', { name: 'Service-API' }],
  ['more behind it', { name: 'service-api-2' }],
  ['no name', { name: '' }],
  ['a stopped state', { state: 'stopped' }],
  ['a state of next year', { state: 'new' }],
])('an instance with %s is no candidate, be it asked for or not', (_, facts) => {
  expect(candidatesFor(meant, [candidate(facts)])).toEqual([]);
  expect(candidatesFor(wanted, [candidate(facts)])).toEqual([]);
});

const some = fc.uniqueArray(
  fc.record({
    instanceId: fc.stringMatching(/^i-[0-9a-f]{2}$/),
    launchedAt: fc.constantFrom(new Date('2025-01-01'), new Date('2025-01-02'), new Date('2025-01-03')),
    state: fc.constantFrom('running', 'stopped'),
  }),
  { selector: ({ instanceId }) => instanceId },
);

it('the oldest is first, ties go by id, whatever the order they come in', () => {
  fc.assert(
    fc.property(some, (facts) => {
      const chosen = candidatesFor(meant, facts.map(candidate));
      expect(candidatesFor(meant, facts.toReversed().map(candidate))).toEqual(chosen);
      expect(chosen).toHaveLength(facts.filter(({ state }) => state === 'running').length);
      const keys = chosen.map(({ launchedAt, instanceId }) => `${launchedAt.toISOString()} ${instanceId}`);
      expect(keys).toEqual(keys.toSorted());
    }),
  );
});

it('the one that is asked for, or none: never another of its name', () => {
  const asked = some.chain((facts) =>
    fc.tuple(fc.constant(facts), fc.constantFrom('i-none', ...facts.map(({ instanceId }) => instanceId))),
  );
  fc.assert(
    fc.property(asked, ([facts, wantedInstanceId]) => {
      const chosen = candidatesFor({ ...meant, wantedInstanceId }, facts.map(candidate));
      const isRunning = facts.some(
        ({ instanceId, state }) => instanceId === wantedInstanceId && state === 'running',
      );
      expect(chosen.map(({ instanceId }) => instanceId)).toEqual(isRunning ? [wantedInstanceId] : []);
    }),
  );
});

it.each([
  [meant, 'No running instance has exactly the Name tag "service-api". Start one, or correct the name.'],
  [wanted, 'i-1 is not running, or has not exactly the Name tag "service-api".'],
])('where %j finds none, it says so', (asked, message) => {
  expect(noInstance(asked)).toEqual({ code: 'no-running-instance', message });
});

describe('a member of an Auto Scaling group', () => {
  const member = candidate({ groupName: 'api-blue' });

  it('is not rebooted for who names it: the group might replace it', () => {
    expect(inGroup({ wantedInstanceId: 'i-1', noReboot: false }, member)).toEqual({
      code: 'auto-scaling-member',
      message: 'i-1 is a member of the Auto Scaling group api-blue, which might replace it while it reboots.',
    });
  });

  it.each([
    ['imaged without a reboot', { wantedInstanceId: 'i-1', noReboot: true }, member],
    ['one of many, and rebooted', { noReboot: false }, member],
    ['one of many', { noReboot: true }, member],
    ['none of a group', { wantedInstanceId: 'i-1', noReboot: false }, candidate()],
  ])('may be imaged: %s', (_, request, instance) => {
    expect(inGroup(request, instance)).toBeUndefined();
  });
});

it('an instance store is refused with the instance’s own name', () => {
  expect(instanceStoreBacked(candidate({ rootDeviceType: 'instance-store' }))).toEqual({
    code: 'instance-store-backed',
    message: expect.stringMatching(/"service-api", i-1, has an instance store/),
  });
});
