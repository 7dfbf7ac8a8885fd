import { AwsClient } from 'aws4fetch';
import type { Session } from './session.ts';

/** What a log group holds. There is no client of CloudWatch Logs in this repository. */
export async function linesOf({ aws }: Session, logGroupName: string): Promise<string[]> {
  const { credentials, region } = aws.clientConfig;
  const client = new AwsClient({ ...credentials, service: 'logs', region, retries: 0 });
  const answer = await client.fetch(aws.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Logs_20140328.FilterLogEvents',
    },
    body: JSON.stringify({ logGroupName }),
  });
  if (!answer.ok) throw new Error(await answer.text());
  const { events } = (await answer.json()) as { events: { message: string }[] };
  return events.map(({ message }) => message);
}
