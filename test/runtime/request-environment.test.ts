import { afterEach, describe, expect, it, vi } from 'vitest';
import { requestEnvironment } from '../../shared/runtime/request-environment.ts';

afterEach(() => vi.unstubAllEnvs());

describe('requestEnvironment', () => {
  it('says where requests are kept, for how long, and where they are announced', () => {
    const table = { tableName: 'requests', recordDays: 120 };
    expect(requestEnvironment()).toEqual({
      table,
      announcing: { table, busName: 'amity', region: 'us-east-1' },
    });
  });

  it('names all that is missing', () => {
    vi.stubEnv('BUS_NAME', '');
    vi.stubEnv('RECORD_DAYS', 'many');
    expect(() => requestEnvironment()).toThrow(/BUS_NAME.*RECORD_DAYS/);
  });
});
