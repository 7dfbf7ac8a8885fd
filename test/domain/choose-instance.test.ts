import { expect, it } from 'vitest';
import { type Candidate, candidatesFor } from '../../shared/domain/choose-instance.ts';
import { fc } from '../support/property.ts';

const candidate = (overrides: Partial<Candidate> = {}): Candidate => ({
  instanceId: 'i-1',
  name: 'service-api',
  state: 'running',
  launchedAt: new Date('2025-01-01'),
  rootDeviceType: 'ebs',
  ...overrides,
});

it.each<[string, Partial<Candidate>]>([
  ['another name', { name: 'service-worker' }],
  ['another case', { name: 'Service-API' }],
  ['more behind it', { name: 'service-api-2' }],
  ['no name', { name: '' }],
  ['a stopped state', { state: 'stopped' }],
  ['a state of next year', { state: 'new' }],
])('an instance with %s is no candidate', (_, facts) => {
  expect(candidatesFor('service-api', [candidate(facts)])).toEqual([]);
});

it('the oldest is first, ties go by id, whatever the order they come in', () => {
  const some = fc.uniqueArray(
    fc.record({
      instanceId: fc.stringMatching(/^i-[0-9a-f]{2}$/),
      launchedAt: fc.constantFrom(new Date('2025-01-01'), new Date('2025-01-02'), new Date('2025-01-03')),
      state: fc.constantFrom('running', 'stopped'),
    }),
    { selector: ({ instanceId }) => instanceId },
  );
  fc.assert(
    fc.property(some, (facts) => {
      const chosen = candidatesFor('service-api', facts.map(candidate));
      expect(candidatesFor('service-api', facts.toReversed().map(candidate))).toEqual(chosen);
      expect(chosen).toHaveLength(facts.filter(({ state }) => state === 'running').length);
      const keys = chosen.map(({ launchedAt, instanceId }) => `${launchedAt.toISOString()} ${instanceId}`);
      expect(keys).toEqual(keys.toSorted());
    }),
  );
});
