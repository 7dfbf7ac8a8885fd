import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { tryPublish } from '../../shared/aws/bus.ts';
import { requestIdsOf } from '../../shared/aws/idempotency-key.ts';
import { AmiRequested } from '../../shared/events/ami-requested.ts';
import { CreateAmiBody } from '../../shared/events/create-ami-body.ts';
import { check, sentenceOf } from '../../shared/events/problems.ts';
import { hashOf } from '../../shared/events/request-key.ts';
import { environment, text } from '../../shared/runtime/environment.ts';
import { httpHandler } from '../../shared/runtime/http-handler.ts';
import { HttpProblem } from '../../shared/runtime/problem.ts';

const env = environment({ BUS_NAME: text, REQUESTS_TABLE: text });

/** `POST /create-ami`: an `AmiRequested` for each name; 202 once every one is on the bus. */
export const handler = httpHandler(async (json, event) => {
  const { data: body, problems } = check(CreateAmiBody, json);
  if (problems)
    throw new HttpProblem(400, `The body is no request: ${sentenceOf(problems)}.`, { errors: problems });
  const requests = await identified(event, body);
  const errors = await tryPublish(
    env.BUS_NAME,
    requests.map(({ request_id, instance_name }) =>
      AmiRequested.encode({
        requestId: request_id,
        instanceName: instance_name,
        ...(body.reason !== undefined && { reason: body.reason }),
        ...(body.no_reboot !== undefined && { noReboot: body.no_reboot }),
        ...(body.tags && { tags: body.tags }),
        ...(body.retention_days !== undefined && { retentionDays: body.retention_days }),
      }),
    ),
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
});

interface Identified {
  readonly request_id: string;
  readonly instance_name: string;
}

/** A request id for each name, once; the same ones again for a call that is repeated with its key. */
async function identified(event: APIGatewayProxyEvent, body: CreateAmiBody): Promise<Identified[]> {
  const names = [...new Set(body.instance_name_list)];
  const fresh: string[] = names.map(() => randomUUID());
  const idempotencyKey = idempotencyKeyOf(event);
  const ids =
    idempotencyKey === undefined
      ? fresh
      : await requestIdsOf(
          env.REQUESTS_TABLE,
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
