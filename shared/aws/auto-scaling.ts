import { AutoScalingClient, AutoScalingServiceException } from '@aws-sdk/client-auto-scaling';
import { type Ec2ErrorFacts, kindOf } from '../domain/ec2-error.ts';
import { requestHandler } from './clients.ts';
import { ec2ErrorFacts } from './ec2.ts';

export const autoScaling = new AutoScalingClient({ requestHandler, maxAttempts: 8 });

/** A group that is changing, or another call at the same time: both pass. */
const PASSES = /^(ScalingActivityInProgress|ResourceContention)$/;

/** What there is to be said of a change that EC2, or Auto Scaling, refuses for good; nothing, where it may pass. */
export function refusal(
  error: unknown,
): { code: 'access-denied' | 'ec2-rejected'; message: string } | undefined {
  const facts = factsOf(error);
  if (PASSES.test(facts.name)) return undefined;
  const kind = kindOf(facts);
  const message = `${facts.name}: ${facts.message}`;
  if (kind === 'denied') return { code: 'access-denied', message };
  return kind === 'rejected' ? { code: 'ec2-rejected', message } : undefined;
}

function factsOf(error: unknown): Ec2ErrorFacts {
  if (!(error instanceof AutoScalingServiceException)) return ec2ErrorFacts(error);
  return { name: error.name, status: error.$metadata.httpStatusCode, message: error.message };
}
