import { describe, expect, it } from 'vitest';
import { END_OF_SCRIPT } from '../../shared/domain/bake/user-data.ts';
import { AmiBakeRequested } from '../../shared/events/ami-bake-requested.ts';
import { asBakeRequest, BakeAmiBody } from '../../shared/events/bake-ami-body.ts';
import { bakeFields, MOST_INLINE_BYTES, s3ObjectOf } from '../../shared/events/bake-fields.ts';
import { check } from '../../shared/events/problems.ts';
import { envelope } from '../support/events.ts';
import { fc } from '../support/property.ts';

const body = (overrides: object = {}) => ({
  name: 'service-web',
  base_image: 'ami-0123456789abcdef0',
  user_data: '#!/bin/sh\ntrue\n',
  ...overrides,
});
const problemsOf = (value: unknown) =>
  (check(BakeAmiBody, value).problems ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`);

const SCRIPT =
  'must begin with #! (a script) or #cloud-config, or be the address s3://bucket/key of such a text';
const TOO_LONG = 'must have at most 12288 bytes: put a longer one into S3 and name it as s3://bucket/key';
const BASE_IMAGE =
  'must be an image id, ami-…, or an SSM parameter that holds one, resolve:ssm:/aws/service/…';
const KEY = 'must be the id or the ARN of a KMS key';
const KEY_ALONE = '/kms_key_id must be left out unless the image is to be encrypted';

describe('a mistake in a bake', () => {
  it.each<[unknown, string[]]>([
    [null, [' must be an object']],
    [
      {},
      [
        '/name is missing; it must be a string',
        '/base_image is missing; it must be a string',
        '/user_data is missing; it must be a string',
      ],
    ],
    [body({ name: '' }), ['/name must not be empty']],
    [body({ name: 'x'.repeat(256) }), ['/name must have at most 255 characters']],
    [body({ base_image: 'ami-XYZ' }), [`/base_image ${BASE_IMAGE}`]],
    [body({ base_image: 'ami-0123456789abcdef01' }), [`/base_image ${BASE_IMAGE}`]],
    [body({ base_image: 'resolve:ssm:' }), [`/base_image ${BASE_IMAGE}`]],
    [body({ base_image: 'resolve:ssm:/a b' }), [`/base_image ${BASE_IMAGE}`]],
    [body({ base_image: 'resolve:ssm:/a:latest' }), [`/base_image ${BASE_IMAGE}`]],
    [body({ base_image: '/aws/service/x' }), [`/base_image ${BASE_IMAGE}`]],
    [body({ base_image: 7 }), ['/base_image must be a string']],
    [body({ user_data: '' }), [`/user_data ${SCRIPT}`]],
    [body({ user_data: 'dnf install -y nginx' }), [`/user_data ${SCRIPT}`]],
    [body({ user_data: ' #!/bin/sh' }), [`/user_data ${SCRIPT}`]],
    [body({ user_data: '#cloud-config-archive\n' }), [`/user_data ${SCRIPT}`]],
    [body({ user_data: '#include\nhttps://x' }), [`/user_data ${SCRIPT}`]],
    [body({ user_data: 's3://bucket' }), [`/user_data ${SCRIPT}`]],
    [body({ user_data: '#!\0' }), ['/user_data must be well-formed text']],
    [body({ user_data: '#!\ud800' }), ['/user_data must be well-formed text']],
    [
      body({ user_data: `#!/bin/sh\n${END_OF_SCRIPT}\n` }),
      ['/user_data must not have a line that is AMITY_USER_DATA and nothing else'],
    ],
    [
      body({ validate: `#!/bin/sh\n${END_OF_SCRIPT}` }),
      ['/validate must not have a line that is AMITY_USER_DATA and nothing else'],
    ],
    [body({ validate: 'true' }), [`/validate ${SCRIPT}`]],
    [body({ instance_type: 't3' }), ['/instance_type must be an instance type, such as t3.small']],
    [body({ subnet_id: 'subnet-1' }), ['/subnet_id must be a subnet id, subnet-…']],
    [body({ security_group_ids: [] }), ['/security_group_ids must name at least one security group']],
    [body({ security_group_ids: 'sg-0000000a' }), ['/security_group_ids must be an array']],
    [
      body({ security_group_ids: Array.from({ length: 17 }, (_, index) => `sg-000000${10 + index}`) }),
      ['/security_group_ids must name at most 16 security groups'],
    ],
    [
      body({ security_group_ids: ['sg-0000000a', 'web'] }),
      ['/security_group_ids/1 must be a security group id, sg-…'],
    ],
    [
      body({ instance_profile: 'arn:aws:iam::0:instance-profile/x' }),
      ['/instance_profile must be the name of an instance profile'],
    ],
    [body({ volume_size_gib: 0 }), ['/volume_size_gib must be at least 1']],
    [body({ volume_size_gib: 8.5 }), ['/volume_size_gib must be a whole number']],
    [body({ volume_size_gib: 65_537 }), ['/volume_size_gib must be at most 65536']],
    [body({ volume_size_gib: '8' }), ['/volume_size_gib must be a whole number']],
    [body({ encrypted: 'yes' }), ['/encrypted must be a boolean']],
    [body({ encrypted: true, kms_key_id: '' }), [`/kms_key_id ${KEY}`]],
    [body({ encrypted: true, kms_key_id: 'a key' }), [`/kms_key_id ${KEY}`]],
    [body({ kms_key_id: '1234abcd' }), [KEY_ALONE]],
    [body({ encrypted: false, kms_key_id: '1234abcd' }), [KEY_ALONE]],
    [body({ timeout_minutes: 0 }), ['/timeout_minutes must be at least 1']],
    [body({ timeout_minutes: 721 }), ['/timeout_minutes must be at most 720']],
    [body({ timeout_minutes: null }), ['/timeout_minutes must be a whole number']],
    [body({ tags: { Name: 'x' } }), ['/tags/Name is reserved: Name, Reason, amity:… and aws:… are refused']],
    [body({ reason: '' }), ['/reason must not be empty']],
    [body({ retention_days: 0 }), ['/retention_days must be at least 1']],
    [
      body({ userData: 'x', instanceName: 'y' }),
      ['/userData is not a known field', '/instanceName is not a known field'],
    ],
    [
      { name: 1, base_image: 'x', user_data: 'x', timeout_minutes: 'x', nonsense: 'x' },
      [
        '/name must be a string',
        `/base_image ${BASE_IMAGE}`,
        `/user_data ${SCRIPT}`,
        '/timeout_minutes must be a whole number',
        '/nonsense is not a known field',
      ],
    ],
  ])('is named: %j', (value, problems) => {
    expect(problemsOf(value)).toEqual(problems);
  });
});

describe('what is right', () => {
  it.each([
    ['the least', {}],
    [
      'a parameter of AWS',
      { base_image: 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64' },
    ],
    ['a version of a parameter', { base_image: 'resolve:ssm:golden:3' }],
    ['an old, short image id', { base_image: 'ami-1a2b3c4d' }],
    ['a script of another interpreter', { user_data: '#!/usr/bin/env python3\nprint()' }],
    ['cloud-init’s configuration', { user_data: '#cloud-config\npackages: [nginx]' }],
    ['cloud-init’s configuration, empty', { user_data: '#cloud-config' }],
    ['lines as Windows ends them', { user_data: '#cloud-config\r\npackages: []\r\n' }],
    ['an S3 object', { user_data: 's3://acme-images/web/install.sh', validate: 's3://acme-images/check' }],
    ['that word within a line', { user_data: `#!/bin/sh\necho ${END_OF_SCRIPT}\n ${END_OF_SCRIPT}` }],
    [
      'every option',
      {
        instance_type: 'u-6tb1.112xlarge',
        subnet_id: 'subnet-0123456789abcdef0',
        security_group_ids: Array.from({ length: 16 }, (_, index) => `sg-000000${10 + index}`),
        instance_profile: 'web+db=x,y.z@w-1',
        volume_size_gib: 65_536,
        encrypted: true,
        kms_key_id: 'arn:aws:kms:us-east-1:000000000000:key/mrk-1',
        timeout_minutes: 720,
        validate: '#!/bin/sh\n',
        tags: { team: 'web' },
        reason: 'Nightly',
        retention_days: 36_500,
      },
    ],
  ])('%s', (_, overrides) => {
    expect(check(BakeAmiBody, body(overrides))).toEqual({ data: body(overrides) });
  });
});

describe('12 KB', () => {
  const of = (bytes: number, character = 'x') => {
    const rest = bytes - '#!/bin/sh\n'.length;
    return `#!/bin/sh\n${character.repeat(Math.floor(rest / Buffer.byteLength(character)))}`;
  };

  it.each([
    ['of ASCII', of(MOST_INLINE_BYTES), []],
    ['and a byte', of(MOST_INLINE_BYTES + 1), [`/user_data ${TOO_LONG}`]],
    ['of characters of three bytes', of(MOST_INLINE_BYTES, '가'), []],
    ['of characters, of three bytes each', `#!${'가'.repeat(4096)}`, [`/user_data ${TOO_LONG}`]],
    ['of an emoji', of(MOST_INLINE_BYTES, '🚀'), []],
  ])('%s', (_, userData, problems) => {
    expect(problemsOf(body({ user_data: userData }))).toEqual(problems);
  });

  it('holds for the validation too', () => {
    expect(problemsOf(body({ validate: of(MOST_INLINE_BYTES + 1) }))).toEqual([`/validate ${TOO_LONG}`]);
  });
});

describe('s3ObjectOf', () => {
  it.each([
    ['s3://acme-images/web.sh', { bucket: 'acme-images', key: 'web.sh' }],
    ['s3://acme.images/a/b//c', { bucket: 'acme.images', key: 'a/b//c' }],
    ["s3://abc/it's", { bucket: 'abc', key: "it's" }],
    [`s3://abc/${'k'.repeat(1024)}`, { bucket: 'abc', key: 'k'.repeat(1024) }],
    [`s3://abc/${'k'.repeat(1025)}`, undefined],
    ['s3://ab/key', undefined],
    ['s3://Acme/key', undefined],
    ['s3://-acme/key', undefined],
    ['s3://acme-/key', undefined],
    ['s3://acme', undefined],
    ['s3://acme/', undefined],
    ['s3://acme/a key', undefined],
    ['s3://acme/key\n', undefined],
    ['https://acme.s3.amazonaws.com/key', undefined],
    ['#!/bin/sh\n# s3://acme/key', undefined],
  ])('%s', (address, object) => {
    expect(s3ObjectOf(address)).toEqual(object);
  });
});

describe('one bake, two spellings', () => {
  const snake = (key: string) =>
    key === 'instanceName' ? 'name' : key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

  it('of the event and of HTTP: the same fields, but for the request id', () => {
    const event = Object.keys(AmiBakeRequested.schema.shape).filter((key) => key !== 'requestId');
    expect(event.map(snake).sort()).toEqual(Object.keys(BakeAmiBody.shape).sort());
    expect(event.sort()).toEqual(Object.keys(bakeFields).sort());
  });

  it('each field is the same in both', () => {
    const shapes: Record<string, unknown> = BakeAmiBody.shape;
    const inner = (field: unknown) =>
      (field as { _zod: { def: { innerType?: unknown } } })._zod.def.innerType ?? field;
    for (const [key, field] of Object.entries(AmiBakeRequested.schema.shape)) {
      if (key !== 'requestId') expect(inner(shapes[snake(key)]), key).toBe(inner(field));
    }
  });

  const some = fc.record(
    {
      name: fc.constantFrom('service-web', 'service-db'),
      base_image: fc.stringMatching(/^ami-[0-9a-f]{8,17}$/),
      user_data: fc.string({ unit: 'grapheme' }).map((text) => `#!/bin/sh\n${text.replaceAll('\0', '')}`),
      instance_type: fc.constant('t3.small'),
      subnet_id: fc.stringMatching(/^subnet-[0-9a-f]{8,17}$/),
      security_group_ids: fc.array(fc.stringMatching(/^sg-[0-9a-f]{8,17}$/), { minLength: 1, maxLength: 16 }),
      instance_profile: fc.constant('web'),
      volume_size_gib: fc.integer({ min: 1, max: 65_536 }),
      encrypted: fc.boolean(),
      timeout_minutes: fc.integer({ min: 1, max: 720 }),
      validate: fc.constant('s3://acme/check'),
      tags: fc.constant({ team: 'web' }),
      reason: fc.constant('Nightly'),
      retention_days: fc.integer({ min: 1, max: 36_500 }),
    },
    { requiredKeys: ['name', 'base_image', 'user_data'] },
  );

  it('what came over HTTP is the event, every field of it', () => {
    fc.assert(
      fc.property(some, (value) => {
        const asked = BakeAmiBody.parse(value);
        const { Detail = '' } = AmiBakeRequested.encode(asBakeRequest(asked));
        const detail = JSON.parse(Detail);
        expect(Object.fromEntries(Object.entries(detail).map(([key, each]) => [snake(key), each]))).toEqual(
          asked,
        );
        expect(AmiBakeRequested.decode(envelope({ detail }))).toEqual(detail);
      }),
    );
  });
});

it.each([
  [{ kmsKeyId: '1234abcd' }, '/kmsKeyId must be left out unless the image is to be encrypted'],
  [{ requestId: 'no spaces' }, '/requestId must be 1 to 128 letters, digits or any of _ . : / = + @ -'],
  [{ userData: 'x'.repeat(20_000) }, `/userData ${SCRIPT}`],
  [{ encrypted: null }, '/encrypted must be a boolean'],
])('the event has the same rules: %j', (wrong, sentence) => {
  const right = { instanceName: 'a', baseImage: 'ami-1a2b3c4d', userData: '#!/bin/sh' };
  const { problems = [] } = check(AmiBakeRequested.schema, { ...right, ...wrong });
  expect(problems.map(({ pointer, detail }) => `${pointer} ${detail}`)).toContain(sentence);
});

it('the event does not know a field of a later version, and does not mind it', () => {
  const right = { instanceName: 'a', baseImage: 'ami-1a2b3c4d', userData: '#!/bin/sh' };
  expect(AmiBakeRequested.decode(envelope({ detail: { ...right, later: 1 } }))).toEqual(right);
});
