import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { asStandingBake, isOwnParameter, ownParametersOf } from '../../infra/bake-schema.ts';
import { loadConfig, parseConfig } from '../../infra/config.ts';
import { AmiBakeRequested } from '../../shared/events/ami-bake-requested.ts';
import { bakeFields } from '../../shared/events/bake-fields.ts';
import { mistakesIn } from './support/mistakes.ts';

const KEY = 'arn:aws:kms:us-east-1:000000000000:key/0a1b2c3d-0000-4000-8000-000000000001';
const SCRIPT =
  'must begin with #! (a script) or #cloud-config, or be the address s3://bucket/key of such a text';

const standing = (overrides: object = {}) => ({
  instanceName: 'service-web',
  baseImage: 'resolve:ssm:/aws/service/al2023',
  userData: '#!/bin/sh\ntrue\n',
  schedule: 'rate(1 day)',
  ...overrides,
});

describe('bakes', () => {
  it('are none, where none is named', () => {
    expect(parseConfig({}).bakes).toEqual([]);
  });

  it('have every field of a request but its id, and when', () => {
    const every = {
      instanceType: 't3.large',
      subnetId: 'subnet-0000000a',
      securityGroupIds: ['sg-0000000a'],
      instanceProfile: 'web',
      volumeSizeGib: 30,
      encrypted: true,
      kmsKeyId: KEY,
      timeoutMinutes: 30,
      validate: '#!/bin/sh\nfalse\n',
      tags: { team: 'web' },
      reason: 'Nightly',
      retentionDays: 30,
    };
    const bake = { instanceProfiles: ['web'], kmsKeyArns: [KEY] };
    const config = parseConfig({ bake, bakes: [standing({ ...every, onlyWhenBaseImageChanged: true })] });
    const { schedule: _, ...request } = standing(every);
    expect(config.bakes.map(asStandingBake)).toEqual([{ request, onlyWhenBaseImageChanged: true }]);
    expect(Object.keys(request).sort()).toEqual(Object.keys(bakeFields).sort());
    expect(() => AmiBakeRequested.encode(request)).not.toThrow();
  });

  it.each<[string, object]>([
    [
      'a parameter of this account needs no schedule',
      { baseImage: 'resolve:ssm:/golden', schedule: undefined },
    ],
    ['a fixed image may be baked again and again', { baseImage: 'ami-1a2b3c4d' }],
    ['one of AWS’s parameters only when it has changed', { onlyWhenBaseImageChanged: true }],
    ['a script in S3', { userData: 's3://acme/web.sh', validate: 's3://acme/check.sh' }],
  ])('%s', (_, facts) => {
    expect(parseConfig({ bakes: [standing(facts)] }).bakes[0]).toMatchObject(standing(facts));
  });

  it.each<[string, object, string]>([
    ['no name', { instanceName: undefined }, 'instanceName must be'],
    ['an empty name', { instanceName: '' }, 'instanceName must not be empty, got ""'],
    ['no base image', { baseImage: undefined }, 'baseImage must be'],
    [
      'the name of a base image',
      { baseImage: 'al2023' },
      'baseImage must be an image id, ami-…, or an SSM parameter that holds one, resolve:ssm:/aws/service/…, got "al2023"',
    ],
    ['no user data', { userData: undefined }, 'userData must be'],
    ['user data of no kind', { userData: 'dnf upgrade' }, `userData ${SCRIPT}, got "dnf upgrade"`],
    ['a validation of no kind', { validate: 'true' }, `validate ${SCRIPT}, got "true"`],
    ['no type', { instanceType: 't3' }, 'instanceType must be an instance type, such as t3.small, got "t3"'],
    ['no subnet', { subnetId: 'a' }, 'subnetId must be a subnet id, subnet-…, got "a"'],
    [
      'no group',
      { securityGroupIds: ['a'] },
      'securityGroupIds[0] must be a security group id, sg-…, got "a"',
    ],
    ['half a disk', { volumeSizeGib: 0.5 }, 'volumeSizeGib must be a whole number, got 0.5'],
    ['too long', { timeoutMinutes: 721 }, 'timeoutMinutes must be at most 720, got 721'],
    ['an age of no days', { retentionDays: 0 }, 'retentionDays must be at least 1, got 0'],
    ['a tag of ours', { tags: { 'amity:builder': 'x' } }, 'tags.amity:builder is reserved'],
    [
      'a schedule of another kind',
      { schedule: 'at(2026-01-01T00:00:00)' },
      'schedule must be cron(minutes hours day-of-month month day-of-week year) or rate(value unit), got "at(2026-01-01T00:00:00)"',
    ],
    [
      'nothing that would start it: AWS’s parameters do not tell',
      { schedule: undefined },
      'schedule must be given: only a parameter of this account tells by itself that it was written, got nothing',
    ],
    [
      'nothing that would start it: an image does not tell',
      { baseImage: 'ami-1a2b3c4d', schedule: undefined },
      'schedule must be given: only a parameter of this account tells by itself that it was written, got nothing',
    ],
    [
      'a wait for what never changes',
      { baseImage: 'ami-1a2b3c4d', onlyWhenBaseImageChanged: true },
      'onlyWhenBaseImageChanged must be left out: ami-1a2b3c4d never changes, only a parameter does, got true',
    ],
    [
      'a word for a flag',
      { onlyWhenBaseImageChanged: 'yes' },
      'onlyWhenBaseImageChanged must be true or false, got "yes"',
    ],
    [
      'a key that encrypts nothing',
      { kmsKeyId: KEY },
      `kmsKeyId must be left out unless the image is to be encrypted, got "${KEY}"`,
    ],
    [
      'a profile that is not listed',
      { instanceProfile: 'Admin' },
      'instanceProfile must be one of bake.instanceProfiles in the configuration (none), got Admin',
    ],
    [
      'a key that is not listed',
      { encrypted: true, kmsKeyId: KEY },
      `kmsKeyId must be one of bake.kmsKeyArns in the configuration, or its id, got ${KEY}`,
    ],
    [
      'a request id: each is a request of its own',
      { requestId: 'one' },
      'requestId is no key of this configuration',
    ],
    ['a field as HTTP has it', { user_data: '#!' }, 'user_data is no key of this configuration'],
  ])('have a mistake that is named: %s', (_, wrong, sentence) => {
    expect(mistakesIn({ bakes: [standing({ instanceName: 'other' }), standing(wrong)] })).toContain(
      `\n  bakes[1].${sentence}`,
    );
  });

  it('have every mistake named at once', () => {
    const wrong = {
      baseImage: 'ami-1a2b3c4d',
      schedule: undefined,
      onlyWhenBaseImageChanged: true,
      reason: '',
    };
    const message = mistakesIn({ bake: { instanceType: 1 }, bakes: [standing(wrong)] });
    for (const place of [
      'bake.instanceType',
      'bakes[0].reason',
      'bakes[0].schedule',
      'bakes[0].onlyWhenBaseImageChanged',
    ])
      expect(message).toContain(`\n  ${place} must`);
  });

  it('name an instance name once: the newest image tells whether there is something to bake', () => {
    expect(mistakesIn({ bakes: [standing(), standing({ schedule: 'rate(1 hour)' })] })).toContain(
      '\n  bakes must not name an instance name twice, got ',
    );
  });
});

describe('a parameter of this account', () => {
  it.each([
    ['resolve:ssm:/golden/web', true],
    ['resolve:ssm:golden', true],
    ['resolve:ssm:/awsome', true],
    ['resolve:ssm:/aws/service/x', false],
    ['resolve:ssm:aws/service/x', false],
    ['ami-1a2b3c4d', false],
  ])('%s: %s', (baseImage, expected) => {
    expect(isOwnParameter(baseImage)).toBe(expected);
  });

  it('is named once, however many are based on it', () => {
    const images = [
      'resolve:ssm:/a',
      'resolve:ssm:/aws/b',
      'ami-1a2b3c4d',
      'resolve:ssm:c',
      'resolve:ssm:/a',
    ];
    expect(ownParametersOf(images.map((baseImage) => ({ baseImage })))).toEqual(['/a', 'c']);
  });
});

describe('a script in a file of its own', () => {
  /** A configuration in a folder with these files. */
  function configFile(bake: object, files: Record<string, string>): string {
    const folder = mkdtempSync(join(tmpdir(), 'amity-config-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const path = join(folder, 'config', 'amity.config.json');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify({ bakes: [{ ...standing(), userData: undefined, ...bake }] }));
    return path;
  }

  it('is found from where the configuration is, wherever that is read from', () => {
    const path = configFile(
      { userDataFile: 'web.sh', validateFile: '../check/web.sh' },
      { 'config/web.sh': '#!/bin/sh\necho é\n', 'check/web.sh': '#!/bin/sh\nfalse' },
    );
    expect(loadConfig(path).bakes[0]).toEqual({
      ...standing({ userData: '#!/bin/sh\necho é\n', validate: '#!/bin/sh\nfalse' }),
      onlyWhenBaseImageChanged: false,
    });
  });

  it.each<[string, object, Record<string, string>, RegExp]>([
    [
      'is not there',
      { userDataFile: 'web.sh' },
      {},
      /bakes\[0\]\.userDataFile names .*\/config\/web\.sh, which cannot be read: ENOENT$/,
    ],
    [
      'is a folder',
      { userDataFile: '.' },
      {},
      /bakes\[0\]\.userDataFile names .*\/config, which cannot be read: EISDIR$/,
    ],
    [
      'of the validation is not there',
      { userData: '#!/bin/sh', validateFile: 'x' },
      {},
      /bakes\[0\]\.validateFile names .*\/config\/x, which cannot be read: ENOENT$/,
    ],
    [
      'is no script',
      { userDataFile: 'x' },
      { 'config/x': 'dnf upgrade' },
      /bakes\[0\]\.userData must begin with #!/,
    ],
    [
      'is too long',
      { userDataFile: 'x' },
      { 'config/x': `#!/bin/sh\n${'x'.repeat(12_288)}` },
      /bakes\[0\]\.userData must have at most 12288 bytes/,
    ],
    [
      'stands beside the script itself',
      { userData: '#!/bin/sh', userDataFile: 'x' },
      { 'config/x': '#!/bin/sh' },
      /bakes\[0\]\.userDataFile is no key of this configuration/,
    ],
    [
      'is no name of a file',
      { userDataFile: 7 },
      {},
      /bakes\[0\]\.userDataFile is no key of this configuration/,
    ],
  ])('that %s is a mistake', (_, bake, files, message) => {
    expect(() => loadConfig(configFile(bake, files))).toThrow(message);
  });
});
