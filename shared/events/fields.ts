import * as z from 'zod/mini';

/** A printable string as EC2 tags hold them: no control characters, well-formed Unicode. */
const printable = (max: number) =>
  z.string().check(
    z.maxLength(max, `must have at most ${max} characters`),
    z.regex(/^\P{Cc}*$/u, 'must not contain control characters'),
    z.refine((value) => value.isWellFormed(), 'must be well-formed Unicode'),
  );

/** The value of an instance's `Name` tag. EC2 allows 256 characters; the contract keeps 255. */
export const instanceName = printable(255).check(z.minLength(1, 'must not be empty'));

export const reason = printable(128).check(z.minLength(1, 'must not be empty'));

/** What makes a request one request. */
export const requestId = z
  .string()
  .check(
    z.regex(/^[A-Za-z0-9_.:/=+@-]{1,128}$/, 'must be 1 to 128 letters, digits or any of _ . : / = + @ -'),
  );

const RESERVED_TAG = /^(Name|Reason)$|^(amity|aws):/i;

/** The request's own tags; EC2 allows 50 on a resource, ten are left for Amity and its later versions. */
export const tags = z
  .record(
    printable(128).check(
      z.minLength(1, 'must not be empty'),
      z.refine((key) => !RESERVED_TAG.test(key), 'is reserved: Name, Reason, amity:… and aws:… are refused'),
    ),
    printable(256),
  )
  .check(z.refine((record) => Object.keys(record).length <= 40, 'must have at most 40 entries'));

export const noReboot = z.boolean();

/** The age at which retention deletes the image, instead of its policy's. */
export const retentionDays = z
  .int('must be a whole number')
  .check(z.gte(1, 'must be at least 1'), z.lte(36_500, 'must be at most 36500'));

export const imageId = z.string().check(z.regex(/^ami-[0-9a-f]{8,17}$/, 'must be an image id, ami-…'));

export const instanceId = z.string().check(z.regex(/^i-[0-9a-f]{8,17}$/, 'must be an instance id, i-…'));

export const subnetId = z.string().check(z.regex(/^subnet-[0-9a-f]{8,17}$/, 'must be a subnet id, subnet-…'));

export const region = z
  .string()
  .check(z.regex(/^[a-z]{2,4}(-[a-z]+)+-\d$/, 'must be a region, such as eu-west-1'));

export const attempt = z.int().check(z.gte(1));
