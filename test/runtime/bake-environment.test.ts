import { afterEach, describe, expect, it, vi } from 'vitest';
import { bakeSettings } from '../../shared/runtime/bake-environment.ts';
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
