import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';

/** What a receiver was sent. */
export interface ReceivedCard {
  readonly at: Date;
  readonly headers: IncomingHttpHeaders;
  /** As it came over the wire. */
  readonly body: string;
}

/** How the receiver answers the next requests; default 200 at once. */
interface Manner {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** Milliseconds before it answers; `Infinity` never does. */
  readonly delayMs?: number;
}

export interface WebhookReceiver {
  readonly url: string;
  readonly cards: readonly ReceivedCard[];
  /** Called with each card as it comes. */
  onCard: (card: ReceivedCard) => void;
  behave(manner: Manner): void;
  stop(): Promise<void>;
}

/** A real HTTP server on this machine that stands where the team's chat would be. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const cards: ReceivedCard[] = [];
  let manner: Manner = {};
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const card = { at: new Date(), headers: request.headers, body };
    cards.push(card);
    receiver.onCard(card);
    const { status = 200, headers = {}, delayMs = 0 } = manner;
    if (delayMs === Number.POSITIVE_INFINITY) return;
    setTimeout(() => response.writeHead(status, headers).end(), delayMs);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('The webhook receiver has no port');
  const receiver: WebhookReceiver = {
    url: `http://127.0.0.1:${address.port}/connect-api/webhook/secret-of-the-team`,
    cards,
    onCard: () => {},
    behave: (next) => {
      manner = next;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}
