import * as z from 'zod/mini';
import { END_OF_SCRIPT } from '../domain/bake/user-data.ts';
import * as field from './fields.ts';

/** Of what EC2 takes as user data (16 KB), the rest is Amity's wrapper: shared/domain/bake/user-data.ts. Bytes. */
export const MOST_INLINE_BYTES = 12 * 1024;

const S3_OBJECT = /^s3:\/\/(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(?<key>[^\s]{1,1024})$/;

/** Where a script lies that is too long to be written into a request. */
export function s3ObjectOf(script: string): { bucket: string; key: string } | undefined {
  const { bucket, key } = S3_OBJECT.exec(script)?.groups ?? {};
  return bucket && key ? { bucket, key } : undefined;
}

/** Shell (or any other interpreter of the base image) or cloud-init; or an S3 object that holds it. */
const script = z.string().check(
  z.refine(
    (text) => /^(#!|#cloud-config\r?(\n|$))/.test(text) || S3_OBJECT.test(text),
    'must begin with #! (a script) or #cloud-config, or be the address s3://bucket/key of such a text',
  ),
  z.refine(
    (text) => Buffer.byteLength(text) <= MOST_INLINE_BYTES,
    `must have at most ${MOST_INLINE_BYTES} bytes: put a longer one into S3 and name it as s3://bucket/key`,
  ),
  z.refine((text) => !text.includes('\0') && text.isWellFormed(), 'must be well-formed text'),
  z.refine(
    (text) => !text.split('\n').includes(END_OF_SCRIPT),
    `must not have a line that is ${END_OF_SCRIPT} and nothing else`,
  ),
);

const BASE_IMAGE = /^(ami-[0-9a-f]{8,17}|resolve:ssm:\/?[A-Za-z0-9_.\-/]{1,1011}(:\d+)?)$/;
const id = (kind: string, what: string) =>
  z.string().check(z.regex(new RegExp(`^${kind}-[0-9a-f]{8,17}$`), `must be ${what}, ${kind}-…`));

/** What a bake is asked for, over HTTP and in the event; the names of both are the keys' own. */
export const bakeFields = {
  instanceName: field.instanceName,
  baseImage: z
    .string()
    .check(
      z.regex(
        BASE_IMAGE,
        'must be an image id, ami-…, or an SSM parameter that holds one, resolve:ssm:/aws/service/…',
      ),
    ),
  userData: script,
  instanceType: z
    .string()
    .check(z.regex(/^[a-z0-9-]+\.[a-z0-9-]+$/, 'must be an instance type, such as t3.small')),
  subnetId: id('subnet', 'a subnet id'),
  securityGroupIds: z
    .array(id('sg', 'a security group id'))
    .check(
      z.minLength(1, 'must name at least one security group'),
      z.maxLength(16, 'must name at most 16 security groups'),
    ),
  instanceProfile: z
    .string()
    .check(z.regex(/^[\w+=,.@-]{1,128}$/, 'must be the name of an instance profile')),
  volumeSizeGib: z
    .int('must be a whole number')
    .check(z.gte(1, 'must be at least 1'), z.lte(65_536, 'must be at most 65536')),
  encrypted: z.boolean(),
  kmsKeyId: z
    .string()
    .check(
      z.regex(
        /^(arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/)?[A-Za-z0-9-]{1,128}$/,
        'must be the id or the ARN of a KMS key',
      ),
    ),
  timeoutMinutes: z
    .int('must be a whole number')
    .check(z.gte(1, 'must be at least 1'), z.lte(720, 'must be at most 720')),
  validate: script,
  tags: field.tags,
  reason: field.reason,
  retentionDays: field.retentionDays,
};

/** A key encrypts nothing where nothing is encrypted. */
export const KEY_NEEDS_ENCRYPTION = 'must be left out unless the image is to be encrypted';
