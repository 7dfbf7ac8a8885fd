import { EC2Client, EC2ServiceException } from '@aws-sdk/client-ec2';
import type { Ec2ErrorFacts } from '../domain/ec2-error.ts';
import type { Tags } from '../domain/ownership.ts';
import { inEachRegion, requestHandler } from './clients.ts';

/** For calls that may be repeated freely: throttling is waited out for about a minute. */
export const ec2 = new EC2Client({ requestHandler, maxAttempts: 8 });

/** The same, in a region that is named. */
export const ec2In = inEachRegion((settings) => new EC2Client({ ...settings, maxAttempts: 8 }));

/** For CreateImage, which has no client token: what follows an error is our decision, never the SDK's. */
export const ec2Once = new EC2Client({ requestHandler, maxAttempts: 1 });

export function ec2ErrorFacts(error: unknown): Ec2ErrorFacts {
  if (error instanceof EC2ServiceException) {
    return { name: error.name, status: error.$metadata.httpStatusCode, message: error.message };
  }
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: 'Error', message: String(error) };
}

interface Ec2Tag {
  Key?: string | undefined;
  Value?: string | undefined;
}

export const tagsOf = (tags: Ec2Tag[] | undefined): Tags =>
  Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));

/** A filter value that matches itself only: EC2 reads `*` and `?` as wildcards unless escaped.
 *  Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html */
export const literal = (value: string) => value.replace(/[\\*?]/g, '\\$&');
