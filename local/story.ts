import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { AwsClient } from 'aws4fetch';
import type { EmbeddedAws } from './embedded-aws.ts';
import { addFleet } from './fleet.ts';
import type { Session } from './session.ts';

/** What the demo rolls out, and back. */
export const FLEET = 'service-worker';

/** A day's worth of the past: what the demo finds when it begins. */
export async function setTheScene(aws: EmbeddedAws): Promise<void> {
  const { control } = aws;
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  const inUse = await oldImage(40);
  await control.startInstance({ name: 'service-api', launchTime: daysAgo(30), imageId: inUse.imageId });
  await control.startInstance({ name: 'service-api', launchTime: daysAgo(3) });
  await control.startInstance({ name: 'service-worker', launchTime: daysAgo(7) });
  await control.startInstance({ name: 'service-batch', launchTime: daysAgo(9), state: 'stopped' });
  await oldImage(20);
  await addFleet(aws, FLEET);

  function oldImage(ageDays: number) {
    const name = `service-api-Deploy-${daysAgo(ageDays).slice(0, 10)}_09_30`;
    const tags = {
      Name: name,
      Reason: 'Deploy',
      'amity:instance-name': 'service-api',
      'amity:request-id': 'of-old',
    };
    return control.addImage({ name, ageDays, tags });
  }
}

/** `POST /create-ami`, signed as a pipeline signs it. */
export const postRequest = (
  { aws, apiUrl }: Pick<Session, 'aws' | 'apiUrl'>,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> => post(aws, apiUrl, body, headers);

/** `POST /bake-ami`, likewise. */
export const postBake = (
  { aws, bakeUrl }: Pick<Session, 'aws' | 'bakeUrl'>,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> => post(aws, bakeUrl, body, headers);

/** What the demo bakes: the example that the project ships. */
export const exampleBake = async (): Promise<{ name: string; base_image: string }> =>
  JSON.parse(await readFile(join(import.meta.dirname, '..', 'examples', 'bake', 'web.json'), 'utf8'));

async function post(
  aws: EmbeddedAws,
  url: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Response> {
  const { credentials, region } = aws.clientConfig;
  return new AwsClient({ ...credentials, region, service: 'execute-api', retries: 0 }).fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** What another system publishes: the least that is a request. */
export const publishRequest = (
  session: Pick<Session, 'aws' | 'outputs'>,
  detail: unknown,
  source = 'my.release-train',
): Promise<void> => publishEvent(session, 'AmiRequested', detail, source);

/** An event as any system puts it on the bus. */
export async function publishEvent(
  { aws, outputs }: Pick<Session, 'aws' | 'outputs'>,
  DetailType: string,
  detail: unknown,
  Source: string,
): Promise<void> {
  const { FailedEntryCount } = await new EventBridgeClient(aws.clientConfig).send(
    new PutEventsCommand({
      Entries: [{ EventBusName: outputs.BusName, Source, DetailType, Detail: JSON.stringify(detail) }],
    }),
  );
  if (FailedEntryCount) throw new Error('The bus refused the event');
}
