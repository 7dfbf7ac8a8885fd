import { afterEach, describe, expect, it, vi } from 'vitest';
import { retentionEnvironment } from '../../shared/runtime/retention-environment.ts';
import { retention } from '../support/handler-environment.ts';

afterEach(() => vi.unstubAllEnvs());
const settings = (overrides: object) =>
  vi.stubEnv('RETENTION', JSON.stringify({ ...retention, ...overrides }));

describe('retentionEnvironment', () => {
  it('gives the policy apart from what else a run is told', () => {
    const { regions, recycleBinDays, ...policy } = retention;
    expect(retentionEnvironment()).toEqual({
      busName: 'amity',
      journal: 'retired',
      home: 'us-east-1',
      regions: ['us-east-1'],
      recycleBinDays,
      retention: policy,
    });
  });

  it('its own region comes first, and once', () => {
    settings({ regions: ['eu-west-1', 'us-east-1'] });
    expect(retentionEnvironment().regions).toEqual(['us-east-1', 'eu-west-1']);
  });

  it('takes stages and policies by name', () => {
    const policies = [{ names: ['nightly-*'], days: 3 }];
    settings({ deprecateDays: 5, disableDays: 9, policies });
    expect(retentionEnvironment().retention).toMatchObject({ deprecateDays: 5, disableDays: 9, policies });
  });

  it.each([
    ['no days', { days: undefined }],
    ['days in words', { days: 'fourteen' }],
    ['half a day', { days: 14.5 }],
    ['no cap', { maxDeletionsPerRun: null }],
    ['a policy without names', { policies: [{ days: 3 }] }],
  ])('%s: it does not start', (_, overrides) => {
    settings(overrides);
    expect(() => retentionEnvironment()).toThrow();
  });

  it('names what is missing', () => {
    vi.stubEnv('RETIRED_TABLE', '');
    vi.stubEnv('RETENTION', undefined);
    expect(() => retentionEnvironment()).toThrow(/RETENTION.*RETIRED_TABLE/);
  });
});
