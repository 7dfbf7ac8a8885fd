import { describe, expect, it } from 'vitest';
import { profileName, roleName } from '../../infra/bake-schema.ts';
import { bakeDefaults, bakeEnvironment } from '../../infra/bake-settings.ts';
import { parseConfig } from '../../infra/config.ts';
import { mistakesIn } from './support/mistakes.ts';

const KEY = 'arn:aws:kms:us-east-1:000000000000:key/0a1b2c3d-0000-4000-8000-000000000001';

describe('bake', () => {
  it('may be left out: builders have a small type, the default VPC, and a profile that only signals', () => {
    expect(parseConfig({}).bake).toEqual({
      instanceType: 't3.small',
      subnetIds: [],
      securityGroupIds: [],
      instanceProfiles: [],
      baseImageOwners: ['self', 'amazon'],
      userDataBuckets: [],
      kmsKeyArns: [],
    });
  });

  const bake = {
    instanceType: 'm7g.large',
    subnetIds: ['subnet-0000000a', 'subnet-0123456789abcdef0'],
    securityGroupIds: ['sg-0000000a'],
    instanceProfiles: ['web', { name: 'db', role: 'db-role' }],
    baseImageOwners: ['self', '111122223333', 'aws-marketplace'],
    userDataBuckets: ['acme.images'],
    kmsKeyArns: [KEY],
  };

  it('keeps what it is told', () => {
    expect(parseConfig({ bake }).bake).toEqual(bake);
  });

  it('names profiles and roles alike, where it is not told otherwise', () => {
    const { instanceProfiles } = parseConfig({ bake }).bake;
    expect(instanceProfiles.map(profileName)).toEqual(['web', 'db']);
    expect(instanceProfiles.map(roleName)).toEqual(['web', 'db-role']);
  });

  it('is what functions are told, Amity’s own profile first', () => {
    const config = parseConfig({ bake });
    const defaults = {
      instanceType: 'm7g.large',
      subnetIds: bake.subnetIds,
      securityGroupIds: bake.securityGroupIds,
      instanceProfiles: ['own', 'web', 'db'],
      kmsKeyArns: [KEY],
    };
    expect(bakeDefaults(config, 'own')).toEqual(defaults);
    expect(JSON.parse(bakeEnvironment(config, 'own').BAKE)).toEqual({
      ...defaults,
      baseImageOwners: bake.baseImageOwners,
      userDataBuckets: bake.userDataBuckets,
    });
  });

  it.each<[string, object, string]>([
    [
      'a family of types',
      { instanceType: 't3' },
      'instanceType must be an instance type, such as t3.small, got "t3"',
    ],
    [
      'a name of a subnet',
      { subnetIds: ['private-a'] },
      'subnetIds[0] must be an id, subnet-…, got "private-a"',
    ],
    [
      'a subnet twice',
      { subnetIds: ['subnet-0000000a', 'subnet-0000000a'] },
      'subnetIds must not name one twice, got ["subnet-0000000a","subnet-0000000a"]',
    ],
    [
      'one subnet without a list',
      { subnetIds: 'subnet-0000000a' },
      'subnetIds must be a list, got "subnet-0000000a"',
    ],
    [
      'a subnet among the groups',
      { securityGroupIds: ['sg-0000000a', 'subnet-0000000a'] },
      'securityGroupIds[1] must be an id, sg-…, got "subnet-0000000a"',
    ],
    [
      'an ARN of a profile',
      { instanceProfiles: ['arn:aws:iam::000000000000:instance-profile/web'] },
      'instanceProfiles[0] must be the name of an instance profile, got "arn:aws:iam::000000000000:instance-profile/web"',
    ],
    [
      'a profile without its role',
      { instanceProfiles: [{ name: 'web' }] },
      'instanceProfiles[0] must be the name of an instance profile, or an object with its name and its role, got {"name":"web"}',
    ],
    [
      'a profile twice, in both ways',
      { instanceProfiles: ['web', { name: 'web', role: 'web-role' }] },
      'instanceProfiles must not name one twice, got ["web",{"name":"web","role":"web-role"}]',
    ],
    [
      'everyone’s images',
      { baseImageOwners: ['all'] },
      'baseImageOwners[0] must be self, amazon, aws-marketplace or an account id, got "all"',
    ],
    ['nobody’s images', { baseImageOwners: [] }, 'baseImageOwners must name at least one owner, got []'],
    [
      'an address of a bucket',
      { userDataBuckets: ['s3://acme'] },
      'userDataBuckets[0] must be the name of an S3 bucket, got "s3://acme"',
    ],
    [
      'an alias of a key',
      { kmsKeyArns: ['arn:aws:kms:us-east-1:000000000000:alias/images'] },
      'kmsKeyArns[0] must be the ARN of a KMS key, arn:aws:kms:…:key/…, got "arn:aws:kms:us-east-1:000000000000:alias/images"',
    ],
    ['a misspelt key', { instanceprofiles: [] }, 'instanceprofiles is no key of this configuration'],
  ])('has a mistake that is named: %s', (_, wrong, sentence) => {
    expect(mistakesIn({ bake: wrong })).toContain(`\n  bake.${sentence}`);
  });
});
