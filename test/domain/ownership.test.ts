import { expect, it } from 'vitest';
import { foreignOwner, instanceNameOf, legacyInstanceName } from '../../shared/domain/ownership.ts';

const ours = { 'amity:instance-name': 'service-api' };

it.each([
  ['our tag', ours, 'service-api'],
  ['no tags', {}, undefined],
  ['an empty tag', { 'amity:instance-name': '' }, undefined],
  ['a similar tag', { 'Amity:instance-name': 'service-api' }, undefined],
  ['the older system’s tags', { Name: 'service-api-Deploy-2025-01-01_00_00', Reason: 'Deploy' }, undefined],
  ['our tag on a copy by AWS Backup', { ...ours, 'aws:backup:source-resource': 'i-1' }, undefined],
  ['our tag on one of Data Lifecycle Manager', { ...ours, 'aws:dlm:lifecycle-policy-id': 'p' }, undefined],
  ['our tag on one of Image Builder', { ...ours, CreatedBy: 'EC2 Image Builder' }, undefined],
  ['our tag on another one of Image Builder', { ...ours, Ec2ImageBuilderArn: 'arn' }, undefined],
])('an image with %s: %3$s', (_, tags, name) => {
  expect(instanceNameOf(tags)).toBe(name);
});

it.each([
  ['nobody', {}, ''],
  ['nobody', { CreatedBy: 'terraform', Name: 'aws:backup:x', 'my-aws:dlm:x': '' }, 'my-AwsBackup_1'],
  ['AWS Backup', { 'aws:backup:source-resource': 'i-1' }, ''],
  ['AWS Backup', {}, 'AwsBackup_i-1_0123'],
  ['AWS Backup', {}, 'AWSBACKUP_i-1'],
  ['Data Lifecycle Manager', { 'aws:dlm:lifecycle-policy-id': 'p' }, ''],
  ['Data Lifecycle Manager', { 'dlm:managed': 'true' }, 'AwsBackup_i-1'],
  ['EC2 Image Builder', { Ec2ImageBuilderArn: 'arn' }, ''],
  ['EC2 Image Builder', { CreatedBy: 'EC2 Image Builder' }, ''],
  ['another AWS service', { 'aws:cloudformation:stack-name': 's' }, ''],
  ['AWS Backup', { 'aws:cloudformation:stack-name': 's', 'aws:backup:x': '' }, ''],
])('the other owner is %s: %o, named "%s"', (owner, tags, name) => {
  expect(foreignOwner({ ...ours, ...tags }, name)).toBe(owner === 'nobody' ? undefined : owner);
});

const legacy = 'service-api-Deploy-2025-01-01_00_00';
it.each([
  [legacy, { Reason: 'Deploy' }, 'service-api'],
  ['a-Deploy-2024-01-01_00_00-Deploy-2025-01-01_00_00', { Reason: 'Deploy' }, 'a-Deploy-2024-01-01_00_00'],
  [legacy, {}, undefined],
  [legacy, { Reason: 'Nightly' }, undefined],
  [legacy, { Reason: 'Deploy', ...ours }, undefined],
  [legacy, { Reason: 'Deploy', 'aws:backup:source-resource': 'i-1' }, undefined],
  ['service-api-Nightly-2025-01-01_00_00', { Reason: 'Deploy' }, undefined],
  ['service-api-Deploy-2025-01-01', { Reason: 'Deploy' }, undefined],
  ['-Deploy-2025-01-01_00_00', { Reason: 'Deploy' }, undefined],
  [`${legacy}-r2`, { Reason: 'Deploy' }, undefined],
])('%s with %o may be adopted as %s', (name, tags, instanceName) => {
  expect(legacyInstanceName(name, tags)).toBe(instanceName);
});
