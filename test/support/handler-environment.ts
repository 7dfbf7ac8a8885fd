/** Of the configuration, as infra/clean-up.ts hands it over. */
export const retention = {
  days: 14,
  keepNewest: 2,
  policies: [],
  maxDeletionsPerRun: 50,
  // A handful of images that are all old is what most tests begin with.
  stopAboveShare: 1,
  launchTemplateVersions: 10,
  recycleBinDays: 7,
  regions: [],
};

/** How builders run, as infra/bake-settings.ts hands it over. */
export const bake = {
  instanceType: 't3.small',
  subnetIds: [],
  securityGroupIds: [],
  instanceProfiles: ['amity-builder', 'web-builder'],
  kmsKeyArns: ['arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab'],
  baseImageOwners: ['self', 'amazon'],
  userDataBuckets: ['amity-user-data'],
};

/** What every handler needs at import, so that a test imports it as Lambda does: wrapped, with its environment. */
export const env = {
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
  BAKE_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:bake',
  STATES_ENDPOINT: 'https://states.us-east-1.amazonaws.com',
  BAKE: JSON.stringify(bake),
  WAITER_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:waiter',
  ROLLOUTS_TABLE: 'rollouts',
  ROLLOUT_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:rollout',
  INSTANCE_ROLES: '["web","arn:aws:iam::000000000000:role/app/api"]',
  MOVE_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:move',
  DRY_RUN: 'false',
  RETENTION: JSON.stringify(retention),
  RETIRED_TABLE: 'retired',
  ISSUER: 'https://issuer.example',
  AUDIENCE: 'amity',
  REQUIRED_CLAIMS: '{"repository_id":"4242","ref":["refs/heads/main","refs/heads/release"]}',
};
