import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';

interface Answer {
  readonly title: string;
  readonly status?: number;
  /** Said in place of API Gateway's own words. */
  readonly detail?: string;
}

const FORBIDDEN: Answer = { title: 'Forbidden', status: 403 };
const BUSY: Answer = { title: 'Too Many Requests', status: 429 };
/** Nothing is known of the caller: the issuer of its token could not be asked, or is not understood. */
const UNDECIDED: Answer = {
  title: 'Service Unavailable',
  status: 503,
  detail: 'The token could not be checked. Try again.',
};

const ANSWERS: readonly [id: string, ResponseType, Answer][] = [
  ['Unauthorized', ResponseType.UNAUTHORIZED, { title: 'Unauthorized', status: 401 }],
  ['AccessDenied', ResponseType.ACCESS_DENIED, FORBIDDEN],
  ['MissingToken', ResponseType.MISSING_AUTHENTICATION_TOKEN, FORBIDDEN],
  ['InvalidSignature', ResponseType.INVALID_SIGNATURE, FORBIDDEN],
  ['ExpiredToken', ResponseType.EXPIRED_TOKEN, FORBIDDEN],
  ['TooLarge', ResponseType.REQUEST_TOO_LARGE, { title: 'Content Too Large', status: 413 }],
  ['Throttled', ResponseType.THROTTLED, BUSY],
  ['QuotaExceeded', ResponseType.QUOTA_EXCEEDED, BUSY],
  ['AuthorizerFailure', ResponseType.AUTHORIZER_FAILURE, UNDECIDED],
  ['AuthorizerConfiguration', ResponseType.AUTHORIZER_CONFIGURATION_ERROR, UNDECIDED],
  ['Default4xx', ResponseType.DEFAULT_4XX, { title: 'The request was refused' }],
  ['Default5xx', ResponseType.DEFAULT_5XX, { title: 'The request could not be answered' }],
];

/** What API Gateway answers by itself, in the shape of the handler's own answers (RFC 9457). */
export function answerWithProblems(api: RestApi): void {
  for (const [id, type, { title, status, detail }] of ANSWERS) {
    const known = JSON.stringify({
      type: 'about:blank',
      title,
      ...(status && { status }),
      ...(detail && { detail }),
    });
    api.addGatewayResponse(id, {
      type,
      ...(status && { statusCode: String(status) }),
      responseHeaders: { 'Content-Type': "'application/problem+json'" },
      // messageString comes with its quotes: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
      templates: {
        'application/json': detail ? known : known.replace(/}$/, ',"detail":$context.error.messageString}'),
      },
    });
  }
}
