import { randomUUID } from 'node:crypto';
import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { hashOf } from '../events/request-key.ts';
import { HttpProblem } from '../runtime/problem.ts';
import { tryPublish } from './bus.ts';
import { requestIdsOf } from './idempotency-key.ts';

interface Identified {
  readonly request_id: string;
  readonly instance_name: string;
}

export interface Asking {
  readonly busName: string;
  readonly requestsTable: string;
  readonly event: APIGatewayProxyEvent;
  /** As it was checked. */
  readonly body: object;
  /** One request for each of them. */
  readonly names: readonly string[];
  readonly entry: (requestId: string, instanceName: string) => Omit<PutEventsRequestEntry, 'EventBusName'>;
}

/** Puts a call's requests on the bus; 202 once every one is there, and 503 that says which are, if not. */
export async function acceptRequests(asking: Asking): Promise<APIGatewayProxyResult> {
  const requests = await identified(asking);
  const errors = await tryPublish(
    asking.busName,
    requests.map(({ request_id, instance_name }) => asking.entry(request_id, instance_name)),
  );
  if (errors.size > 0) {
    throw new HttpProblem(
      503,
      `EventBridge took ${requests.length - errors.size} of ${requests.length} requests.`,
      {
        accepted: requests.filter((_, position) => !errors.has(position)),
        rejected: requests.filter((_, position) => errors.has(position)),
      },
    );
  }
  return {
    statusCode: 202,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify({ requests }),
  };
}

/** A request id for each name; the same ones again for a call that is repeated with its key. */
async function identified({ requestsTable, event, body, names }: Asking): Promise<Identified[]> {
  const fresh: string[] = names.map(() => randomUUID());
  const idempotencyKey = idempotencyKeyOf(event);
  const ids =
    idempotencyKey === undefined
      ? fresh
      : await requestIdsOf(
          requestsTable,
          { caller: callerOf(event), idempotencyKey, bodyHash: hashOf(body), requestIds: fresh },
          new Date(),
        );
  if (!ids)
    throw new HttpProblem(409, 'This Idempotency-Key was used with another body in the last 24 hours.');
  return names.map((name, position) => ({ request_id: ids[position] ?? randomUUID(), instance_name: name }));
}

function idempotencyKeyOf({ headers }: APIGatewayProxyEvent): string | undefined {
  const [, key] =
    Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'idempotency-key') ?? [];
  if (key !== undefined && !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new HttpProblem(400, 'Idempotency-Key must be 1 to 255 printable ASCII characters without spaces.');
  }
  return key;
}

const callerOf = ({ requestContext }: APIGatewayProxyEvent): string =>
  requestContext.identity.userArn ?? String(requestContext.authorizer?.principalId ?? 'anyone');
