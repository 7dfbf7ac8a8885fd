import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import { allow } from '../permissions.ts';
import { wildcards } from '../wildcards.ts';

export interface AmityFunctionProps {
  readonly code: Code;
  readonly description: string;
  readonly timeout: Duration;
  readonly environment: Record<string, string>;
  /** All that it may do besides writing its own logs and traces. */
  readonly permissions: readonly PolicyStatement[];
  /** In MB; default 512. */
  readonly memorySize?: number;
  /** Of an asynchronous invocation that failed; Lambda's own default is 2. */
  readonly retryAttempts?: number;
}

/** A function with a role and a log group of its own, traced: the defaults of all of ours. */
export class AmityFunction extends LambdaFunction {
  constructor(scope: Construct, id: string, props: AmityFunctionProps) {
    const { permissions, ...rest } = props;
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      retention: RetentionDays.THREE_MONTHS,
      // What was made and deleted is told by the events, which the archive keeps; logs go with the stack.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // No managed policy: AWSLambdaBasicExecutionRole may write to every log group of the account.
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    super(scope, id, {
      // A function's processor grows with its memory: much of a cold start is processor time.
      memorySize: 512,
      ...rest,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      tracing: Tracing.ACTIVE,
      loggingFormat: LoggingFormat.JSON,
      logGroup,
      role,
      initialPolicy: [
        allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]),
        ...permissions,
      ],
    });
    acknowledge(role, 'X-Ray knows no resources.', 'IAM5[Resource::*]');
    for (const [finding, reason] of wildcards(role, permissions)) acknowledge(role, reason, finding);
  }
}
