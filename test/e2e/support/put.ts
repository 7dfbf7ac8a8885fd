import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Session } from '../../../local/session.ts';

export interface Put {
  readonly detailType: string;
  readonly detail: unknown;
  /** Default `my.release-train`: another system. */
  readonly source?: string;
  readonly time?: Date;
}

/** Puts events on the bus in one call, as any system with the right to do so can, ours included. */
export async function put({ aws, outputs }: Session, ...events: Put[]): Promise<void> {
  const Entries = events.map(({ detailType, detail, source = 'my.release-train', time }) => ({
    EventBusName: outputs.BusName,
    Source: source,
    DetailType: detailType,
    Detail: JSON.stringify(detail),
    ...(time && { Time: time }),
  }));
  const { FailedEntryCount } = await new EventBridgeClient(aws.clientConfig).send(
    new PutEventsCommand({ Entries }),
  );
  if (FailedEntryCount) throw new Error(`The bus refused ${FailedEntryCount} events`);
}
