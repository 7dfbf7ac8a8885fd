import type { Scope } from '../../shared/aws/retention/scope.ts';
import { retention } from './handler-environment.ts';

/** What a look at one region is told, by the configuration of these tests. */
export const scope = (overrides: Partial<Scope> = {}): Scope => ({
  region: 'us-east-1',
  regions: ['us-east-1'],
  retention,
  now: new Date(),
  ...overrides,
});
