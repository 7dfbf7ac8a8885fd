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
import { AmiBakeRequested } from '../../shared/events/ami-bake-requested.ts';
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
const PATHS = { create: 'create-ami', bake: 'bake-ami' };

/** `POST /prod/create-ami` and `/prod/bake-ami`, for whom the configuration names. */
export class RequestApi extends Construct {
  /** Up to and including `/prod/create-ami`. */
  readonly url: string;
  readonly function: AmityFunction;
  private readonly props: RequestApiProps;
  private readonly api: RestApi;
  private readonly authorization: ApiAuthorization;

  constructor(scope: Construct, id: string, props: RequestApiProps) {
    super(scope, id);
    this.props = props;
    this.authorization = new ApiAuthorization(this, 'Authorize', {
      api: props.config.api,
      code: props.authorizerCode,
    });
    this.api = this.restApi(props.config.api);
    this.function = this.receiver('RequestAmi', props.code, AmiRequested, {
      description: 'POST /create-ami: puts an AmiRequested on the bus for each name',
    });
    this.url = this.post(PATHS.create, this.function);
  }

  /**
   * `POST /prod/bake-ami`; gives its address, and who takes the requests. Whoever may ask for a bake runs what they like on a
   * machine of this account: other accounts may not, and nobody unknown, even where they may ask for images.
   */
  bake(code: Code, environment: Record<string, string>): { url: string; function: AmityFunction } {
    const receiver = this.receiver('BakeAmi', code, AmiBakeRequested, {
      description: 'POST /bake-ami: puts an AmiBakeRequested on the bus',
      environment,
    });
    return { url: this.post(PATHS.bake, receiver, this.authorization.ofKnownCallers), function: receiver };
  }

  private receiver(
    id: string,
    code: Code,
    event: { readonly detailType: string },
    { description, environment }: { description: string; environment?: Record<string, string> },
  ): AmityFunction {
    const {
      bus: { bus },
      tables,
    } = this.props;
    return new AmityFunction(this, id, {
      code,
      description,
      // API Gateway waits for 29 s.
      timeout: Duration.seconds(25),
      environment: {
        BUS_NAME: bus.eventBusName,
        REQUESTS_TABLE: tables.requests.tableName,
        ...environment,
      },
      permissions: [putEvents(bus, event), useTable(tables.requests, 'GetItem', 'PutItem')],
    });
  }

  private post(
    name: string,
    receiver: AmityFunction,
    authorization = this.authorization.methodOptions,
  ): string {
    const path = this.api.root.addResource(name);
    const integration = new LambdaIntegration(receiver, { allowTestInvoke: false });
    path.addMethod('POST', integration, authorization);
    this.authorization.acknowledgeOn(path);
    return this.api.urlForPath(path.path);
  }

  private restApi({ throttle, callerAccounts }: Api): RestApi {
    const policy = callerPolicy(callerAccounts, `execute-api:/${STAGE}/POST/${PATHS.create}`);
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
