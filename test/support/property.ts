import fc from 'fast-check';

/** How often each property is tried; `AMITY_PROPERTY_RUNS=100000` for a long look. */
export const RUNS = Number(process.env.AMITY_PROPERTY_RUNS ?? 1000);

fc.configureGlobal({ numRuns: RUNS });

export { fc };
