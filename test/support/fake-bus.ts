import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsCommandInput,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { Calls } from './calls.ts';

export interface Published {
  readonly type: string;
  readonly detail: Record<string, unknown>;
}

/** The bus in memory: what was put on it, and whom it refuses. */
export class FakeBus {
  readonly mock = mockClient(EventBridgeClient);
  readonly entries: PutEventsRequestEntry[] = [];
  /** Whether an entry is refused, inside the answer 200. */
  refuses: (entry: PutEventsRequestEntry) => boolean = () => false;

  constructor(calls = new Calls()) {
    this.mock.on(PutEventsCommand).callsFake(({ Entries = [] }: PutEventsCommandInput) =>
      calls.through('PutEvents', () => {
        if (Entries.length > 10) throw new Error(`PutEvents takes 10 entries, got ${Entries.length}`);
        const answers = Entries.map((entry, index) => {
          if (this.refuses(entry)) return { ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' };
          this.entries.push(entry);
          return { EventId: `event-${index}` };
        });
        return { FailedEntryCount: answers.filter((each) => each.ErrorCode).length, Entries: answers };
      }),
    );
  }

  get published(): Published[] {
    return this.entries.map(({ DetailType = '', Detail = '{}' }) => ({
      type: DetailType,
      detail: JSON.parse(Detail) as Record<string, unknown>,
    }));
  }

  /** The details of one detail-type, in order. */
  of(type: string): Record<string, unknown>[] {
    return this.published.flatMap((each) => (each.type === type ? [each.detail] : []));
  }
}
