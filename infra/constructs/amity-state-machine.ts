import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import { wildcards } from '../wildcards.ts';

export interface AmityStateMachineProps {
  /** In Amazon States Language. */
  readonly definition: { readonly Comment: string };
  /** What its log group is called, after the stack. */
  readonly logName: string;
  /** Whether what goes from state to state is logged. */
  readonly logData: boolean;
  /** All that its states may do besides being logged and traced. */
  readonly permissions: readonly PolicyStatement[];
}

/** A Standard state machine with a role and a log group of its own, traced: the defaults of all of ours. */
export class AmityStateMachine extends StateMachine {
  constructor(
    scope: Construct,
    id: string,
    { definition, logName, logData, permissions }: AmityStateMachineProps,
  ) {
    const role = new Role(scope, 'Role', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
    for (const statement of permissions) role.addToPolicy(statement);
    acknowledge(role, 'X-Ray and the delivery of logs know no resources.', 'IAM5[Resource::*]');
    for (const [finding, reason] of wildcards(role, permissions)) acknowledge(role, reason, finding);
    // Under this prefix the account's log policy does not grow with each state machine.
    // Source: https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
    const destination = new LogGroup(scope, 'Logs', {
      logGroupName: `/aws/vendedlogs/states/${Stack.of(scope).stackName}-${logName}`,
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    super(scope, id, {
      comment: definition.Comment,
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(JSON.stringify(definition)),
      role,
      tracingEnabled: true,
      logs: { destination, level: LogLevel.ALL, includeExecutionData: logData },
    });
  }
}
