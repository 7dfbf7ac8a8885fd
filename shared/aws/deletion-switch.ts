import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { DELETION_SWITCH } from '../domain/retention/policy.ts';
import { log } from '../runtime/log.ts';
import { requestHandler } from './clients.ts';

const client = new SSMClient({ requestHandler });

/** How long an answer holds: a run looks again and again. */
const KEEP_MS = 5_000;

/** Why nothing may be touched now, if so. What cannot be read is off. */
export function deletionSwitch(): () => Promise<string | undefined> {
  let known: { why: string | undefined; until: number } | undefined;
  return async () => {
    if (!known || known.until <= Date.now()) known = { why: await whyOff(), until: Date.now() + KEEP_MS };
    return known.why;
  };
}

async function whyOff(): Promise<string | undefined> {
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: DELETION_SWITCH }));
    return Parameter?.Value === 'on' ? undefined : `${DELETION_SWITCH} is ${Parameter?.Value || 'empty'}`;
  } catch (error) {
    log.error('The switch could not be read, so nothing is deleted', { error });
    return `${DELETION_SWITCH} is unreadable`;
  }
}
