import {
  AutoScalingClient,
  AutoScalingServiceException,
  ResourceContentionFault,
  ScalingActivityInProgressFault,
} from '@aws-sdk/client-auto-scaling';
import { type Ec2ErrorFacts, kindOf } from '../domain/ec2-error.ts';
import { requestHandler } from './clients.ts';
import { ec2ErrorFacts } from './ec2.ts';

export const autoScaling = new AutoScalingClient({ requestHandler, maxAttempts: 8 });

/** A group that is changing, another call at the same time, a refresh that has the group's configuration: all of it passes. */
const passes = (error: unknown): boolean =>
  error instanceof ScalingActivityInProgressFault ||
  error instanceof ResourceContentionFault ||
  (error instanceof AutoScalingServiceException && /active instance refresh/i.test(error.message));

/** What there is to be said of a change that EC2, or Auto Scaling, refuses for good; nothing, where it may pass. */
export function refusal(
  error: unknown,
): { code: 'access-denied' | 'ec2-rejected'; message: string } | undefined {
  if (passes(error)) return undefined;
  const facts = factsOf(error);
  const kind = kindOf(facts);
  const message = `${facts.name}: ${facts.message}`;
  if (kind === 'denied') return { code: 'access-denied', message };
  return kind === 'rejected' ? { code: 'ec2-rejected', message } : undefined;
}

function factsOf(error: unknown): Ec2ErrorFacts {
  if (!(error instanceof AutoScalingServiceException)) return ec2ErrorFacts(error);
  return { name: error.name, status: error.$metadata.httpStatusCode, message: error.message };
}
