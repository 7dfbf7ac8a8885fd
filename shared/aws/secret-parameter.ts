import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { requestHandler } from './clients.ts';

const client = new SSMClient({ requestHandler });

/** Long enough to spare SSM, short enough that a changed secret is used soon. */
const KEEP_MS = 5 * 60_000;
const kept = new Map<string, { value: string; until: number }>();

/** A SecureString, read at run time and kept in memory alone. @param now epoch ms */
export async function secretParameter(name: string, now: number): Promise<string> {
  const known = kept.get(name);
  if (known && known.until > now) return known.value;
  const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
  const value = Parameter?.Value;
  if (!value) throw new Error(`The SSM parameter ${name} is empty`);
  kept.set(name, { value, until: now + KEEP_MS });
  return value;
}
