import type { BakeRecord } from '../../shared/aws/bake/bake-of.ts';
import type { BakeSpec } from '../../shared/domain/bake/spec.ts';
import { record } from './request-record.ts';

export const BASE_IMAGE = 'ami-0ba5e000000000000';

/** How an image is baked, everything decided. */
export const spec = (overrides: Partial<BakeSpec> = {}): BakeSpec => ({
  baseImage: BASE_IMAGE,
  userData: '#!/bin/sh\ndnf install -y nginx\n',
  instanceType: 't3.small',
  subnetIds: [],
  securityGroupIds: [],
  instanceProfile: 'amity-builder',
  encrypted: false,
  timeoutMinutes: 10,
  ...overrides,
});

/** A request whose workflow is at work. */
export const bakeRecord = (overrides: Partial<BakeRecord> = {}): BakeRecord => ({
  ...record({ instanceName: 'service-web' }),
  bake: spec(),
  ...overrides,
});
