import { afterEach, describe, expect, it, vi } from 'vitest';
import { environment, flag, text, whole } from '../../shared/runtime/environment.ts';

afterEach(() => vi.unstubAllEnvs());

describe('environment', () => {
  it('gives text, whole numbers and flags', () => {
    vi.stubEnv('A', 'x');
    vi.stubEnv('B', '0');
    vi.stubEnv('C', 'false');
    expect(environment({ A: text, B: whole, C: flag })).toEqual({ A: 'x', B: 0, C: false });
  });

  it('names everything that is missing or wrong in one error', () => {
    vi.stubEnv('B', '1.5');
    vi.stubEnv('C', 'yes');
    vi.stubEnv('D', '');
    expect(() => environment({ A: text, B: whole, C: flag, D: text })).toThrow(/A: .*B: .*C: .*D: /);
  });

  it.each(['-1', '1e3', ' 1', '', '0x1', 'NaN'])('"%s" is no whole number', (value) => {
    vi.stubEnv('A', value);
    expect(() => environment({ A: whole })).toThrow('A: ');
  });
});
