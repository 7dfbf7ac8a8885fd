import { expect } from 'vitest';
import { ConfigError, parseConfig } from '../../../infra/config.ts';

/** What the configuration's reader says of an input that it must not take. */
export function mistakesIn(input: unknown): string {
  try {
    parseConfig(input, 'amity.config.json');
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error instanceof Error ? error.message : '';
  }
  throw new Error('It was taken');
}
