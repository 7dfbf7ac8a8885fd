import { describe, expect, it } from 'vitest';
import { type BakeDefaults, bakeWanted, notAllowed } from '../../../shared/domain/bake/spec.ts';
import type { AmiBakeRequested } from '../../../shared/events/ami-bake-requested.ts';

const KEY = 'arn:aws:kms:us-east-1:000000000000:key/0a1b2c3d-0000-4000-8000-000000000001';

const defaults = (overrides: Partial<BakeDefaults> = {}): BakeDefaults => ({
  instanceType: 't3.small',
  subnetIds: ['subnet-0000000a', 'subnet-0000000b'],
  securityGroupIds: ['sg-0000000a'],
  instanceProfiles: ['amity-builder', 'web', 'db'],
  kmsKeyArns: [KEY],
  ...overrides,
});

const asked = (overrides: Partial<AmiBakeRequested> = {}): AmiBakeRequested => ({
  instanceName: 'service-web',
  baseImage: 'ami-0123456789abcdef0',
  userData: '#!/bin/sh\ntrue\n',
  ...overrides,
});

describe('notAllowed', () => {
  it.each<[string, Partial<AmiBakeRequested>]>([
    ['a request that asks for neither', {}],
    ['Amity’s own profile, by its name', { instanceProfile: 'amity-builder' }],
    ['a profile that is listed', { instanceProfile: 'db' }],
    ['a key that is listed, by its ARN', { kmsKeyId: KEY }],
    ['a key that is listed, by its id', { kmsKeyId: '0a1b2c3d-0000-4000-8000-000000000001' }],
  ])('has nothing to say of %s', (_, wanted) => {
    expect(notAllowed(asked(wanted), defaults())).toEqual([]);
  });

  it.each<[string, Partial<AmiBakeRequested>, Partial<BakeDefaults>, string, string]>([
    [
      'a profile that is not listed',
      { instanceProfile: 'Admin' },
      {},
      '/instanceProfile',
      'must be one of bake.instanceProfiles in the configuration (web, db), got Admin',
    ],
    [
      'any profile where none is listed',
      { instanceProfile: 'web' },
      { instanceProfiles: ['amity-builder'] },
      '/instanceProfile',
      'must be one of bake.instanceProfiles in the configuration (none), got web',
    ],
    [
      'a profile in another case',
      { instanceProfile: 'WEB' },
      {},
      '/instanceProfile',
      'must be one of bake.instanceProfiles in the configuration (web, db), got WEB',
    ],
    [
      'another key',
      { kmsKeyId: 'ffffffff-0000-4000-8000-000000000001' },
      {},
      '/kmsKeyId',
      'must be one of bake.kmsKeyArns in the configuration, or its id, got ffffffff-0000-4000-8000-000000000001',
    ],
    [
      'the end of a key’s id',
      { kmsKeyId: '000000000001' },
      {},
      '/kmsKeyId',
      'must be one of bake.kmsKeyArns in the configuration, or its id, got 000000000001',
    ],
    [
      'the key of that id in another account',
      { kmsKeyId: KEY.replace('000000000000', '111122223333') },
      {},
      '/kmsKeyId',
      `must be one of bake.kmsKeyArns in the configuration, or its id, got ${KEY.replace('000000000000', '111122223333')}`,
    ],
    [
      'an alias, which may be another key tomorrow',
      { kmsKeyId: 'alias/images' },
      {},
      '/kmsKeyId',
      'must be one of bake.kmsKeyArns in the configuration, or its id, got alias/images',
    ],
  ])('names %s', (_, wanted, known, pointer, detail) => {
    expect(notAllowed(asked(wanted), defaults(known))).toEqual([{ pointer, detail }]);
  });

  it('names both', () => {
    const both = notAllowed(asked({ instanceProfile: 'Admin', kmsKeyId: 'x' }), defaults());
    expect(both.map(({ pointer }) => pointer)).toEqual(['/instanceProfile', '/kmsKeyId']);
  });
});

describe('bakeWanted', () => {
  it('fills in what the request leaves open', () => {
    expect(bakeWanted(asked(), defaults())).toEqual({
      instanceName: 'service-web',
      noReboot: true,
      bake: {
        baseImage: 'ami-0123456789abcdef0',
        userData: '#!/bin/sh\ntrue\n',
        instanceType: 't3.small',
        subnetIds: ['subnet-0000000a', 'subnet-0000000b'],
        securityGroupIds: ['sg-0000000a'],
        instanceProfile: 'amity-builder',
        encrypted: false,
        timeoutMinutes: 10,
      },
    });
  });

  it('keeps what the request says', () => {
    const bake = {
      baseImage: 'resolve:ssm:/aws/service/x',
      userData: '#cloud-config\n',
      instanceType: 'm7g.large',
      securityGroupIds: ['sg-0000000b', 'sg-0000000c'],
      instanceProfile: 'web',
      volumeSizeGib: 30,
      encrypted: true,
      kmsKeyId: KEY,
      timeoutMinutes: 45,
      validate: '#!/bin/sh\nfalse\n',
    };
    const told = { instanceName: 'service-db', reason: 'Nightly', tags: { team: 'db' }, retentionDays: 3 };
    expect(bakeWanted({ ...told, ...bake, subnetId: 'subnet-0000000c' }, defaults())).toEqual({
      ...told,
      noReboot: true,
      bake: { ...bake, subnetIds: ['subnet-0000000c'] },
    });
  });

  it('tries no other subnet than the one that is asked for', () => {
    expect(bakeWanted(asked({ subnetId: 'subnet-0000000b' }), defaults())).toMatchObject({
      bake: { subnetIds: ['subnet-0000000b'] },
    });
  });

  it('takes an unencrypted image at its word', () => {
    expect(bakeWanted(asked({ encrypted: false }), defaults())).toMatchObject({ bake: { encrypted: false } });
  });

  it('is a failure that names all that is not allowed', () => {
    expect(
      bakeWanted(asked({ instanceProfile: 'Admin', encrypted: true, kmsKeyId: 'x' }), defaults()),
    ).toEqual({
      code: 'invalid-request',
      message:
        '/instanceProfile must be one of bake.instanceProfiles in the configuration (web, db), got Admin; ' +
        '/kmsKeyId must be one of bake.kmsKeyArns in the configuration, or its id, got x.',
    });
  });
});
