import fc from 'fast-check';
import { vi } from 'vitest';

/** How often each property is tried; `AMITY_PROPERTY_RUNS=100000` for a long look. */
const RUNS = Number(process.env.AMITY_PROPERTY_RUNS ?? 1000);

fc.configureGlobal({ numRuns: RUNS });
vi.setConfig({ testTimeout: Math.max(10_000, 60 * RUNS) });

export { fc };
