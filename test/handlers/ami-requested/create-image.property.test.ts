import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/ami-requested/create-image.ts';
import type { Fault } from '../../support/calls.ts';
import { MINUTE, passes } from '../../support/clock.ts';
import { lambdaContext, NOW, request, sqsRecord } from '../../support/events.ts';
import { fc } from '../../support/property.ts';
import { deliver, World } from '../../support/world.ts';

vi.mock('../../../shared/runtime/sleep.ts', () => import('../../support/fake-sleep.ts'));
beforeAll(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
});
afterAll(() => {
  vi.useRealTimers();
});

const fault = fc.record<Fault>({
  when: fc.constantFrom('before', 'after'),
  how: fc.constantFrom('throws', 'dies'),
});

const delivery = fc.record({
  /** Which of the requests, in a batch of up to three: duplicates and any order. */
  batch: fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }),
  /** At which of the calls that follow something goes wrong. */
  faults: fc.dictionary(fc.nat(12).map(String), fault, { maxKeys: 2 }),
  minutesLater: fc.nat(3),
});

/** Two pairs share a name and a minute; two share their instance only. */
const requests = [
  request({ requestId: 'one' }),
  request({ requestId: 'two' }),
  request({ requestId: 'three', reason: 'Other' }),
  request({ requestId: 'one' }, { source: 'elsewhere' }),
];

/** Every request arrives at last, without a fault, as SQS delivers until it is told that all is done. */
async function settle(world: World): Promise<void> {
  world.calls.faults = () => undefined;
  let left = requests.map((each) => sqsRecord(each));
  for (let round = 0; left.length > 0 && round < 5; round += 1) {
    passes(5 * MINUTE);
    const again = await deliver(handler, left, lambdaContext());
    left = left.filter(({ messageId }) => again.includes(messageId));
  }
  expect(left).toEqual([]);
}

it('duplicated, dropped and shuffled deliveries with crashes anywhere: one image and one record a request', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(delivery, { maxLength: 6 }), async (deliveries) => {
      vi.setSystemTime(NOW);
      const world = new World();
      for (const { batch, faults, minutesLater } of deliveries) {
        const first = world.calls.names.length;
        world.calls.faults = (_, number) => faults[String(number - first)];
        world.calls.revive();
        const records = batch.flatMap((index) => requests[index] ?? []).map((each) => sqsRecord(each));
        await Promise.race([deliver(handler, records), world.calls.died]);
        passes(minutesLater * MINUTE);
      }
      await settle(world);

      expect(world.ec2.images).toHaveLength(requests.length);
      expect(world.requests).toHaveLength(requests.length);
      expect(world.requests.every(({ state, announced }) => state === 'created' && announced)).toBe(true);
      expect(new Set(world.requests.map(({ imageId }) => imageId)).size).toBe(requests.length);
      expect(new Set(world.bus.entries.map(({ Detail }) => Detail)).size).toBe(requests.length);
      expect(world.bus.published.every(({ type }) => type === 'AmiCreated')).toBe(true);
    }),
  );
});
