import { defineConfig } from 'vitest/config';

/** What every handler needs at import, so that a test imports it as Lambda does: wrapped, with its environment. */
const env = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_LAMBDA_FUNCTION_NAME: 'test',
  POWERTOOLS_LOG_LEVEL: 'SILENT',
  POWERTOOLS_DEV: 'false',
  ACCOUNT_ID: '000000000000',
  BUS_NAME: 'amity',
  QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/000000000000/queue',
  REQUESTS_TABLE: 'requests',
  WAITING_TABLE: 'waiting',
  NOTIFIED_TABLE: 'notified',
  RECORD_DAYS: '120',
  DEADLINE_MINUTES: '1440',
  TIMEOUT_MINUTES: '1440',
  TIME_ZONE: 'UTC',
  REASON: 'Deploy',
  NO_REBOOT: 'true',
  ALLOW_REBOOT: 'false',
  URL_PARAMETER: '/amity/webhook-url',
  WAITER_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:waiter',
  RETENTION_DAYS: '14',
  KEEP_NEWEST: '2',
  MAX_DELETIONS: '50',
};

/** Where `.ci/run` reads the numbers of passed and failed tests. */
const results = process.env.AMITY_TEST_RESULTS;

export default defineConfig({
  test: {
    reporters: results ? ['default', ['json', { outputFile: results }]] : ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{domain,events,handlers,aws,runtime,docs,cli}/**/*.test.ts', 'test/*.test.ts'],
          env,
        },
      },
      { test: { name: 'infra', include: ['test/infra/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 240_000 } },
      { test: { name: 'local', include: ['test/local/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 240_000 } },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
