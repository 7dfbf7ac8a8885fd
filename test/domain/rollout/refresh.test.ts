import { describe, expect, it } from 'vitest';
import { preferencesOf, verdictOnRefresh } from '../../../shared/domain/rollout/refresh.ts';
import { fc } from '../../support/property.ts';

const HEALTHY = 'amity:min-healthy-percentage';
const CHECKPOINTS = 'amity:checkpoints';

describe('preferencesOf', () => {
  it.each<[Record<string, string>, object]>([
    [{}, {}],
    [{ 'amity:refresh': 'true', Name: 'service-api' }, {}],
    [{ [HEALTHY]: '90' }, { minHealthy: 90 }],
    [{ [HEALTHY]: '0' }, { minHealthy: 0 }],
    [{ [HEALTHY]: ' 100 ' }, { minHealthy: 100 }],
    [{ [CHECKPOINTS]: '' }, {}],
    [{ [CHECKPOINTS]: ' , ' }, {}],
    [{ [CHECKPOINTS]: '20 50 100' }, { checkpoints: [20, 50, 100] }],
    [{ [CHECKPOINTS]: '20,50, 100 ' }, { checkpoints: [20, 50, 100] }],
    [{ [CHECKPOINTS]: '1 99' }, { checkpoints: [1, 99, 100] }],
    [{ [CHECKPOINTS]: '100' }, { checkpoints: [100] }],
    [
      { [HEALTHY]: '50', [CHECKPOINTS]: '10' },
      { minHealthy: 50, checkpoints: [10, 100] },
    ],
  ])('of %j: %j', (tags, preferences) => {
    expect(preferencesOf('api-blue', tags)).toEqual(preferences);
  });

  const healthy = 'a whole number from 0 to 100';
  const checkpoints = 'ascending whole numbers from 1 to 100, such as "20 50 100"';
  it.each([
    ...['', '101', '0100', '-1', '90%', '9.5', '1e2', '0x10', 'most'].map((value) => [
      HEALTHY,
      value,
      healthy,
    ]),
    ...['0 50', '50 20', '20 20', '20 101', '20 fifty', '-5', '20;50', '20.5'].map((value) => [
      CHECKPOINTS,
      value,
      checkpoints,
    ]),
  ])('%s cannot be read as "%s"', (tag = '', value = '', rule = '') => {
    expect(preferencesOf('api-blue', { [tag]: value })).toEqual({
      code: 'invalid-tag',
      message: `The tag ${tag} of api-blue must be ${rule}; got "${value}".`,
    });
  });

  it('gives nothing that Auto Scaling would refuse, whatever the tags say', () => {
    const number = fc.oneof(fc.integer({ min: -5, max: 120 }).map(String), fc.string({ maxLength: 4 }));
    const list = fc
      .array(fc.integer({ min: 0, max: 105 }), { maxLength: 5 })
      .chain((all) =>
        fc.constantFrom(
          all,
          all.toSorted((a, b) => a - b),
        ),
      )
      .map((all) => all.join(' '));
    const read = { refused: 0, taken: 0 };
    fc.assert(
      fc.property(number, fc.oneof(list, fc.string()), (minHealthy, stages) => {
        const preferences = preferencesOf('api-blue', { [HEALTHY]: minHealthy, [CHECKPOINTS]: stages });
        if ('code' in preferences) {
          read.refused += 1;
          return;
        }
        read.taken += 1;
        expect(preferences.minHealthy).toBeGreaterThanOrEqual(0);
        expect(preferences.minHealthy).toBeLessThanOrEqual(100);
        const { checkpoints: all = [100] } = preferences;
        expect(all).toEqual([...new Set(all)].sort((a, b) => a - b));
        expect(all.every((each) => Number.isInteger(each) && each >= 1)).toBe(true);
        expect(all.at(-1)).toBe(100);
      }),
    );
    expect(read.refused).toBeGreaterThan(10);
    expect(read.taken).toBeGreaterThan(10);
  });
});

describe('verdictOnRefresh', () => {
  it.each([
    'Pending',
    'InProgress',
    'Cancelling',
    'RollbackInProgress',
    'Baking',
    'StateOfNextYear',
    '',
    'successful',
  ])('%s: it may still change', (status) => {
    expect(verdictOnRefresh({ status, reason: 'Waiting for instances.' })).toEqual({ verdict: 'running' });
  });

  it('Successful: it is done', () => {
    expect(verdictOnRefresh({ status: 'Successful' })).toEqual({ verdict: 'succeeded' });
  });

  it.each([
    ['Failed', 'refresh-failed'],
    ['Cancelled', 'refresh-cancelled'],
    ['RollbackSuccessful', 'refresh-rolled-back'],
    ['RollbackFailed', 'rollback-failed'],
  ])('%s: it has failed as %s, with the group’s reason', (status, code) => {
    const failed = { verdict: 'failed', code };
    const reason = 'Instance i-1 did not become healthy.';
    expect(verdictOnRefresh({ status, reason })).toEqual({ ...failed, message: reason });
    for (const none of [undefined, '']) {
      expect(verdictOnRefresh({ status, reason: none })).toEqual({
        ...failed,
        message: `The instance refresh is ${status}.`,
      });
    }
  });
});
