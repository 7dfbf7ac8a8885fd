import { describe, expect, it } from 'vitest';
import { type ImageFacts, verdictOn } from '../../shared/domain/image-verdict.ts';
import { HOUR, MINUTE } from '../support/clock.ts';
import { NOW } from '../support/events.ts';

const waiting = (waitedMs = MINUTE, timeoutMinutes = 1440) => ({
  imageId: 'ami-1',
  startedAt: new Date(NOW.getTime() - waitedMs),
  timeoutMinutes,
  now: NOW,
});
const image = (state: string, stateReason?: string): ImageFacts => ({
  state,
  stateReason,
  createdAt: '2025-06-05T12:00:00.000Z',
  snapshotIds: ['snap-1'],
});

describe('verdictOn', () => {
  it.each([
    ['pending', { verdict: 'pending' }],
    ['transient', { verdict: 'pending' }],
    ['available', { verdict: 'available', createdAt: '2025-06-05T12:00:00.000Z', snapshotIds: ['snap-1'] }],
    ['invalid', { verdict: 'failed', code: 'image-failed' }],
    ['failed', { verdict: 'failed', code: 'image-failed' }],
    ['error', { verdict: 'failed', code: 'image-failed' }],
    ['deregistered', { verdict: 'failed', code: 'image-deregistered' }],
    ['disabled', { verdict: 'failed', code: 'image-disabled' }],
    ['a-state-of-next-year', { verdict: 'failed', code: 'image-failed' }],
  ])('%s', (state, verdict) => {
    expect(verdictOn(image(state), waiting())).toMatchObject(verdict);
  });

  it('gives EC2’s own reason', () => {
    const verdict = verdictOn(image('failed', 'Client.InternalError: volume lost'), waiting());
    expect(verdict).toMatchObject({ message: expect.stringContaining('Client.InternalError: volume lost') });
  });

  it.each([
    ['a second', 1000, 'pending'],
    ['ten minutes', 10 * MINUTE, 'pending'],
    ['longer', 10 * MINUTE + 1, 'image-deregistered'],
  ])('an image that EC2 does not know for %s', (_, waitedMs, outcome) => {
    const verdict = verdictOn(undefined, waiting(waitedMs));
    expect('code' in verdict ? verdict.code : verdict.verdict).toBe(outcome);
  });

  it.each([
    ['pending', 24 * HOUR - 1, 'pending'],
    ['pending', 24 * HOUR, 'timeout'],
    ['transient', 25 * HOUR, 'timeout'],
    ['available', 25 * HOUR, 'available'],
    ['failed', 25 * HOUR, 'image-failed'],
  ])('%s after %i ms: %s', (state, waitedMs, outcome) => {
    const verdict = verdictOn(image(state), waiting(waitedMs));
    expect('code' in verdict ? verdict.code : verdict.verdict).toBe(outcome);
  });

  it('a deadline shorter than EC2’s own delay holds for an unknown image too', () => {
    expect(verdictOn(undefined, waiting(5 * MINUTE, 5))).toMatchObject({ code: 'timeout' });
  });
});
