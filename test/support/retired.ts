import type { Retired } from '../../shared/domain/retention/retired.ts';
import { NOW } from './events.ts';

/** An entry of the journal. */
export const retired = (overrides: Partial<Retired> = {}): Retired => ({
  runId: 'run',
  id: 'ami-00000020',
  region: 'us-east-1',
  action: 'delete',
  at: NOW.toISOString(),
  imageId: 'ami-00000020',
  imageName: 'name-of-ami-00000020',
  instanceName: 'service-api',
  ageDays: 20,
  bytes: 1,
  tags: { 'amity:instance-name': 'service-api' },
  snapshotIds: ['snap-00000020'],
  snapshotTags: {},
  permissions: [],
  ...overrides,
});
