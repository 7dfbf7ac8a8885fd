import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { expect } from 'vitest';

export interface Call {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly caller?: string;
  readonly base64?: boolean;
}

/** A POST as API Gateway hands it over. A body that is no text is sent as its JSON. */
export function post(call: Call = {}): APIGatewayProxyEvent {
  const { body, headers = {}, caller = 'arn:aws:iam::000000000000:user/pipeline', base64 = false } = call;
  const text = typeof body === 'string' || body === undefined ? (body ?? null) : JSON.stringify(body);
  const event = {
    resource: '/create-ami',
    path: '/create-ami',
    httpMethod: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    multiValueHeaders: {},
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
    stageVariables: null,
    requestContext: { requestId: 'request', stage: 'prod', identity: { userArn: caller } },
    body: base64 && text !== null ? Buffer.from(text).toString('base64') : text,
    isBase64Encoded: base64,
  };
  return event as unknown as APIGatewayProxyEvent;
}

export interface ProblemBody {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly errors?: { pointer: string; detail: string }[];
  readonly accepted?: { request_id: string; instance_name: string }[];
  readonly rejected?: { request_id: string; instance_name: string }[];
}

/** The body of an answer that must be a problem of RFC 9457, with nothing of how we are built in it. */
export function problemOf(answer: APIGatewayProxyResult, status: number): ProblemBody {
  expect(answer.statusCode).toBe(status);
  expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json' });
  expect(answer.body).not.toMatch(/\bat .*:\d+|node_modules|\.ts\b|\.js\b|stack|SyntaxError|ZodError/i);
  const problem = JSON.parse(answer.body) as ProblemBody;
  expect(problem).toMatchObject({ type: 'about:blank', status, title: expect.any(String) });
  return problem;
}
