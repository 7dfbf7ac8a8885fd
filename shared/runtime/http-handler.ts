import middy from '@middy/core';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type * as z from 'zod/mini';
import { check, type Problem, sentenceOf } from '../events/problems.ts';
import { log } from './log.ts';
import { HttpProblem, problemResponse } from './problem.ts';

/** The contract's limit, far below API Gateway's own 10 MB. */
const MOST_BYTES = 64 * 1024;

/** A function behind the API: JSON in and out, and every error as problem+json. */
export function httpHandler(
  act: (body: unknown, event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult>,
) {
  return middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
    .before(({ event, context }) => {
      log.addContext(context);
      checkSize(event);
    })
    .use(httpJsonBodyParser<APIGatewayProxyEvent>())
    .onError((request) => {
      request.response = problemResponse(asProblem(request.error));
    })
    .handler((event: APIGatewayProxyEvent) => act(event.body, event));
}

/** The body as its schema has it; 400 with every offending field where it is not so. */
export function checkedBody<Schema extends z.ZodMiniType>(schema: Schema, json: unknown): z.infer<Schema> {
  const { data, problems } = check(schema, json);
  if (problems) throw wrongBody(problems);
  return data;
}

export const wrongBody = (errors: readonly Problem[]): HttpProblem =>
  new HttpProblem(400, `The body is no request: ${sentenceOf(errors)}.`, { errors });

function checkSize({ body, isBase64Encoded }: APIGatewayProxyEvent): void {
  const bytes = Buffer.byteLength(body ?? '', isBase64Encoded ? 'base64' : 'utf8');
  if (bytes > MOST_BYTES)
    throw new HttpProblem(413, `The body has ${bytes} bytes; at most ${MOST_BYTES} are taken.`);
}

function asProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : 500;
  if (status === 415) return new HttpProblem(415, 'The content-type must be application/json.');
  // middy's parser answers malformed JSON with 422, and a forbidden key such as __proto__ likewise.
  if (status === 422 || status === 400) return new HttpProblem(400, 'The body is not valid JSON.');
  log.error('A request to the API failed', { error });
  return new HttpProblem(
    500,
    'Something went wrong on our side; nothing is known to be wrong with the request.',
  );
}
