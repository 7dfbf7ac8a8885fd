import { GetObjectCommand, NoSuchBucket, NoSuchKey, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { scriptOf } from '../../../shared/aws/bake/script.ts';
import { connectionLost } from '../../support/aws-errors.ts';

const s3 = mockClient(S3Client);
beforeEach(() => s3.reset());

const BUCKETS = ['amity-user-data'];
const address = 's3://amity-user-data/web/setup.sh';
const read = (script = address) => scriptOf(script, BUCKETS);
const error = (name: string) => Object.assign(new Error(`${name} happened`), { name });
const asked = () => s3.commandCalls(GetObjectCommand).map(({ args }) => args[0].input);

/** The object begins so. */
const begins = (text: string | undefined) => {
  const Body = { transformToString: async () => text };
  s3.on(GetObjectCommand).resolves((text === undefined ? {} : { Body }) as never);
};

it('a script that is written into the request is itself', async () => {
  expect(await read('#!/bin/sh\ntrue\n')).toEqual({ text: '#!/bin/sh\ntrue\n' });
  expect(asked()).toEqual([]);
});

describe('an object', () => {
  it.each([
    ['#!/bin/bash\nset -eu\n', false],
    ['#cloud-config\npackages: [nginx]\n', true],
  ])('that begins with %j is read by its address', async (text, isCloudConfig) => {
    begins(text);
    expect(await read()).toEqual({ isCloudConfig, url: expect.stringMatching(/^https:\/\//) });
    expect(asked()).toEqual([{ Bucket: 'amity-user-data', Key: 'web/setup.sh', Range: 'bytes=0-63' }]);
  });

  it('is readable for an hour, by this one address, which holds no secret', async () => {
    begins('#!/bin/sh\n');
    const script = await read();
    const url = new URL('url' in script ? script.url : '');
    expect(url.hostname).toBe('amity-user-data.s3.us-east-1.amazonaws.com');
    expect(url.pathname).toBe('/web/setup.sh');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Expires': '3600',
      'X-Amz-SignedHeaders': 'host',
      'X-Amz-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    // Of the environment of these tests: what signs is not in what is signed.
    const secret = process.env.AWS_SECRET_ACCESS_KEY ?? '';
    const values = [...url.searchParams].filter(([name]) => name !== 'X-Amz-Credential');
    expect(values.filter(([, value]) => value.includes(secret))).toEqual([]);
  });

  it('of a bucket that is not listed is not even asked for', async () => {
    expect(await read('s3://somebody-elses/setup.sh')).toEqual({
      code: 'user-data-unreadable',
      message: 's3://somebody-elses/setup.sh is in a bucket that bake.userDataBuckets does not list.',
    });
    expect(asked()).toEqual([]);
  });

  it.each(['MZ\u0090', '{"a":1}', '', ' #!/bin/sh', '#cloud-boothook\n', undefined])(
    'that begins with %j is no script',
    async (text) => {
      begins(text);
      expect(await read()).toEqual({
        code: 'user-data-unreadable',
        message: `${address} begins neither with #! nor with #cloud-config.`,
      });
    },
  );

  it.each([NoSuchKey, NoSuchBucket])('%o: does not exist', async (Gone) => {
    s3.on(GetObjectCommand).rejects(new Gone({ message: 'none', $metadata: {} }));
    expect(await read()).toEqual({
      code: 'user-data-unreadable',
      message: `${address} does not exist.`,
    });
  });

  it.each(['AccessDenied', 'InvalidRange'])('%s: in S3’s words', async (name) => {
    s3.on(GetObjectCommand).rejects(error(name));
    expect(await read()).toEqual({
      code: 'user-data-unreadable',
      message: `${address} cannot be read: ${name}: ${name} happened`,
    });
  });

  it.each([error('SlowDown'), error('InternalError'), connectionLost()])('%s: thrown', async (thrown) => {
    s3.on(GetObjectCommand).rejects(thrown);
    await expect(read()).rejects.toBe(thrown);
  });
});
