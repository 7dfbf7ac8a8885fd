import type { Retired } from '../../../shared/domain/retention/retired.ts';
import { NOW } from '../../support/events.ts';

/** What is written down of one step. */
export const retired = (action: Retired['action'], overrides: Partial<Retired> = {}): Retired => ({
  runId: 'run',
  id: 'ami-1',
  region: 'us-east-1',
  action,
  at: NOW.toISOString(),
  imageId: 'ami-1',
  imageName: 'name-1',
  instanceName: 'service-api',
  ageDays: 20,
  bytes: 0,
  tags: {},
  snapshotIds: [],
  snapshotTags: {},
  permissions: [],
  outcome: 'done',
  ...overrides,
});
