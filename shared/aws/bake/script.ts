import { GetObjectCommand, NoSuchBucket, NoSuchKey, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { isCloudConfig, type Script } from '../../domain/bake/user-data.ts';
import type { Failure } from '../../domain/failures.ts';
import { s3ObjectOf } from '../../events/bake-fields.ts';
import { requestHandler } from '../clients.ts';

const s3 = new S3Client({ requestHandler, maxAttempts: 5 });

/** Enough to see what it is. */
const BEGINNING = 'bytes=0-63';
/** A builder reads it when it has booted. Seconds. */
const READABLE_FOR = 3_600;

/**
 * What a builder is to run: the text itself, or an address from which it can be read for an hour. The builder has no
 * permission to read S3, and needs none.
 */
export async function scriptOf(script: string, buckets: readonly string[]): Promise<Script | Failure> {
  const object = s3ObjectOf(script);
  if (!object) return { text: script };
  const unreadable = (why: string): Failure => ({
    code: 'user-data-unreadable',
    message: `${script} ${why}`,
  });
  if (!buckets.includes(object.bucket))
    return unreadable('is in a bucket that bake.userDataBuckets does not list.');
  const asked = { Bucket: object.bucket, Key: object.key };
  try {
    const { Body } = await s3.send(new GetObjectCommand({ ...asked, Range: BEGINNING }));
    const begin = (await Body?.transformToString()) ?? '';
    if (!begin.startsWith('#!') && !isCloudConfig(begin))
      return unreadable('begins neither with #! nor with #cloud-config.');
    const url = await getSignedUrl(s3, new GetObjectCommand(asked), { expiresIn: READABLE_FOR });
    return { url, isCloudConfig: isCloudConfig(begin) };
  } catch (error) {
    if (error instanceof NoSuchKey || error instanceof NoSuchBucket) return unreadable('does not exist.');
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    if (/^(AccessDenied|InvalidRange|PermanentRedirect)$/.test(name))
      return unreadable(`cannot be read: ${name}: ${message}`);
    throw error;
  }
}
