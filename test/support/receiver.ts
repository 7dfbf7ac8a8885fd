import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Received {
  readonly method: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Answer = (response: ServerResponse) => void;
export const ok: Answer = (response) => response.end('fine');
export const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(code, headers).end('no');

/** A webhook's receiver: a real HTTP server on this machine, whose path is a secret. */
export async function startReceiver() {
  const receiver = { url: '', received: [] as Received[], answer: ok as Answer, close: async () => {} };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method, headers } = request;
    receiver.received.push({ method, headers, body: Buffer.concat(chunks).toString() });
    receiver.answer(response);
  });
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/s3cret-token`;
  receiver.close = async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
  return receiver;
}
