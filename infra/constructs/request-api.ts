import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { AmiRequested } from '../../shared/events/ami-requested.ts';
import { acknowledge } from '../acknowledge.ts';
import type { Api } from '../api-schema.ts';
import type { Config } from '../config-schema.ts';
import { putEvents, useTable } from '../permissions.ts';
import { AmityFunction } from './amity-function.ts';
import { ApiAuthorization, callerPolicy } from './api-authorization.ts';
import { answerWithProblems } from './gateway-answers.ts';
import type { LifecycleBus } from './lifecycle-bus.ts';
import type { RequestTables } from './request-tables.ts';

export interface RequestApiProps {
  readonly config: Config;
  readonly code: Code;
  /** Of the function that checks tokens, where there are any. */
  readonly authorizerCode: Code;
  readonly bus: LifecycleBus;
  readonly tables: RequestTables;
}

const STAGE = 'prod';
const PATH = 'create-ami';

/** `POST /prod/create-ami`, for whom the configuration names. */
export class RequestApi extends Construct {
  /** Up to and including `/prod/create-ami`. */
  readonly url: string;
  readonly function: AmityFunction;

  constructor(scope: Construct, id: string, props: RequestApiProps) {
    super(scope, id);
    const {
      code,
      bus: { bus },
      tables,
    } = props;
    this.function = new AmityFunction(this, 'RequestAmi', {
      code,
      description: 'POST /create-ami: puts an AmiRequested on the bus for each name',
      // API Gateway waits for 29 s.
      timeout: Duration.seconds(25),
      environment: { BUS_NAME: bus.eventBusName, REQUESTS_TABLE: tables.requests.tableName },
      permissions: [putEvents(bus, AmiRequested), useTable(tables.requests, 'GetItem', 'PutItem')],
    });
    const authorization = new ApiAuthorization(this, 'Authorize', {
      api: props.config.api,
      code: props.authorizerCode,
    });
    const api = this.api(props.config.api);
    const path = api.root.addResource(PATH);
    path.addMethod(
      'POST',
      new LambdaIntegration(this.function, { allowTestInvoke: false }),
      authorization.methodOptions,
    );
    this.url = api.urlForPath(path.path);
    authorization.acknowledgeOn(path);
  }

  private api({ throttle, callerAccounts }: Api): RestApi {
    const policy = callerPolicy(callerAccounts, `execute-api:/${STAGE}/POST/${PATH}`);
    const api = new RestApi(this, 'Api', {
      description: 'Asks Amity for machine images',
      ...(policy && { policy }),
      endpointTypes: [EndpointType.REGIONAL],
      // One setting of the whole account and region, which access logs need. It stays when the stack goes,
      // because other APIs may have come to rely on it.
      // https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      deployOptions: {
        stageName: STAGE,
        throttlingRateLimit: throttle.ratePerSecond,
        throttlingBurstLimit: throttle.burst,
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
    acknowledge(api, 'IAM or a token, and throttling, guard it; a web ACL is for its owner to add.', 'APIG3');
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
    subject: AccessLogField.contextAuthorizerPrincipalId(),
    ip: AccessLogField.contextIdentitySourceIp(),
    method: AccessLogField.contextHttpMethod(),
    path: AccessLogField.contextPath(),
    status: AccessLogField.contextStatus(),
    error: AccessLogField.contextErrorMessage(),
    bytes: AccessLogField.contextResponseLength(),
    ms: AccessLogField.contextResponseLatency(),
  }),
);
