import type { APIGatewayProxyResult } from 'aws-lambda';
import type { Problem } from '../events/problems.ts';

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** An answer other than success, thrown from wherever it is found. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly status: number;
  /** Further members of the body: `errors`, or what a caller needs to go on. */
  readonly members: Record<string, unknown>;

  constructor(
    status: number,
    detail: string,
    members: { errors?: readonly Problem[] } & Record<string, unknown> = {},
  ) {
    super(detail);
    this.status = status;
    this.members = members;
  }
}

/** `application/problem+json`, RFC 9457: it says what is wrong, and nothing of how we are built. */
export const problemResponse = ({ status, message, members }: HttpProblem): APIGatewayProxyResult => ({
  statusCode: status,
  headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  body: JSON.stringify({
    type: 'about:blank',
    title: TITLES[status] ?? 'Error',
    status,
    detail: message,
    ...members,
  }),
});
