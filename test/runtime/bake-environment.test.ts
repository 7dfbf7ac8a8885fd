import { afterEach, describe, expect, it, vi } from 'vitest';
import { bakeSettings, requestEnvironment } from '../../shared/runtime/bake-environment.ts';
import { bake } from '../support/handler-environment.ts';

afterEach(() => vi.unstubAllEnvs());

describe('bakeSettings', () => {
  it('are the configuration’s, as the stack hands them over', () => {
    expect(bakeSettings()).toEqual(bake);
  });

  it.each(Object.keys(bake))('without %s there are none', (key) => {
    vi.stubEnv('BAKE', JSON.stringify({ ...bake, [key]: undefined }));
    expect(() => bakeSettings()).toThrow(key);
  });

  it('are missed by their name', () => {
    vi.stubEnv('BAKE', '');
    expect(() => bakeSettings()).toThrow('BAKE');
  });
});

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
