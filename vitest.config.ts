import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { env } from './test/support/handler-environment.ts';

/** Where `.ci/run` reads the numbers of passed and failed tests. */
const results = process.env.AMITY_TEST_RESULTS;

/** Synthesized stacks are large and many: the tests of infra keep them where the end of the run removes them. */
const temporary = mkdtempSync(join(tmpdir(), 'amity-infra-'));
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));

export default defineConfig({
  test: {
    // Twice as many as processors: tests of the embedded AWS wait more than they work.
    maxWorkers: 2 * availableParallelism(),
    reporters: results ? ['default', ['json', { outputFile: results }]] : ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{domain,events,handlers,aws,runtime,docs,cli}/**/*.test.ts', 'test/*.test.ts'],
          env,
        },
      },
      {
        test: {
          name: 'infra',
          include: ['test/infra/**/*.test.ts'],
          // The CDK is imported once a worker, not once a file: half of the time. These tests share no state.
          isolate: false,
          env: { TMPDIR: temporary },
          testTimeout: 120_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          name: 'local',
          include: ['test/local/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: 'test/e2e/support/run-folder.ts',
          // They wait more than they work, and many share one deployment.
          maxConcurrency: 20,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
