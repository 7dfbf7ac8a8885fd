import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  AuthorizationType,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  ResponseType,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { AmiRequested } from '../../shared/events/ami-requested.ts';
import { acknowledge } from '../acknowledge.ts';
import { putEvents, useTable } from '../permissions.ts';
import { AmityFunction } from './amity-function.ts';
import type { LifecycleBus } from './lifecycle-bus.ts';
import type { RequestTables } from './request-tables.ts';

export interface RequestApiProps {
  readonly code: Code;
  readonly bus: LifecycleBus;
  readonly tables: RequestTables;
}

/** `POST /prod/create-ami`, for callers whom IAM knows. */
export class RequestApi extends Construct {
  /** Up to and including `/prod/create-ami`. */
  readonly url: string;

  constructor(scope: Construct, id: string, { code, bus: { bus }, tables }: RequestApiProps) {
    super(scope, id);
    const handler = new AmityFunction(this, 'RequestAmi', {
      code,
      description: 'POST /create-ami: puts an AmiRequested on the bus for each name',
      // API Gateway waits for 29 s.
      timeout: Duration.seconds(25),
      environment: { BUS_NAME: bus.eventBusName, REQUESTS_TABLE: tables.requests.tableName },
      permissions: [putEvents(bus, AmiRequested), useTable(tables.requests, 'GetItem', 'PutItem')],
    });
    const api = this.api();
    const path = api.root.addResource('create-ami');
    path.addMethod('POST', new LambdaIntegration(handler, { allowTestInvoke: false }), {
      authorizationType: AuthorizationType.IAM,
    });
    this.url = api.urlForPath(path.path);
    acknowledge(path, 'Callers are pipelines with IAM roles, not people in a user pool.', 'COG4');
  }

  private api(): RestApi {
    const api = new RestApi(this, 'Api', {
      description: 'Asks Amity for machine images',
      endpointTypes: [EndpointType.REGIONAL],
      // One setting of the whole account and region, which access logs need. It stays when the stack goes,
      // because other APIs may have come to rely on it.
      // https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      deployOptions: {
        stageName: 'prod',
        throttlingRateLimit: 20,
        throttlingBurstLimit: 40,
        tracingEnabled: true,
        loggingLevel: MethodLoggingLevel.OFF,
        accessLogDestination: new LogGroupLogDestination(
          new LogGroup(this, 'AccessLogs', {
            retention: RetentionDays.THREE_MONTHS,
            removalPolicy: RemovalPolicy.DESTROY,
          }),
        ),
        accessLogFormat: ACCESS_LOG,
      },
    });
    // The stack's outputs are a contract; this one CDK adds by itself.
    api.node.tryRemoveChild('Endpoint');
    answerWithProblems(api);
    acknowledge(api, 'The handler checks the whole request and names every mistake.', 'APIG2');
    acknowledge(api, 'IAM and throttling guard it; a web ACL is for its owner to add.', 'APIG3');
    acknowledge(
      api,
      'Execution logs hold bodies and go to a log group without retention; access logs and traces tell who did what.',
      'APIG6',
    );
    acknowledge(
      api,
      'The policy that API Gateway documents for its logging role.',
      'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
    );
    return api;
  }
}

const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    requestId: AccessLogField.contextRequestId(),
    time: AccessLogField.contextRequestTime(),
    caller: AccessLogField.contextIdentityUserArn(),
    ip: AccessLogField.contextIdentitySourceIp(),
    method: AccessLogField.contextHttpMethod(),
    path: AccessLogField.contextPath(),
    status: AccessLogField.contextStatus(),
    error: AccessLogField.contextErrorMessage(),
    bytes: AccessLogField.contextResponseLength(),
    ms: AccessLogField.contextResponseLatency(),
  }),
);

/** What API Gateway answers by itself, in the shape of the handler's own answers (RFC 9457). */
function answerWithProblems(api: RestApi): void {
  const responses: [string, ResponseType, string, number?][] = [
    ['Unauthorized', ResponseType.UNAUTHORIZED, 'Unauthorized', 401],
    ['AccessDenied', ResponseType.ACCESS_DENIED, 'Forbidden', 403],
    ['MissingToken', ResponseType.MISSING_AUTHENTICATION_TOKEN, 'Forbidden', 403],
    ['InvalidSignature', ResponseType.INVALID_SIGNATURE, 'Forbidden', 403],
    ['ExpiredToken', ResponseType.EXPIRED_TOKEN, 'Forbidden', 403],
    ['TooLarge', ResponseType.REQUEST_TOO_LARGE, 'Content Too Large', 413],
    ['Throttled', ResponseType.THROTTLED, 'Too Many Requests', 429],
    ['QuotaExceeded', ResponseType.QUOTA_EXCEEDED, 'Too Many Requests', 429],
    ['Default4xx', ResponseType.DEFAULT_4XX, 'The request was refused'],
    ['Default5xx', ResponseType.DEFAULT_5XX, 'The request could not be answered'],
  ];
  for (const [id, type, title, status] of responses) {
    const known = JSON.stringify({ type: 'about:blank', title, ...(status && { status }) });
    api.addGatewayResponse(id, {
      type,
      ...(status && { statusCode: String(status) }),
      responseHeaders: { 'Content-Type': "'application/problem+json'" },
      // messageString comes with its quotes: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
      templates: { 'application/json': known.replace(/}$/, ',"detail":$context.error.messageString}') },
    });
  }
}
