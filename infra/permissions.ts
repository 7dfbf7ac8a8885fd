import { Aws } from 'aws-cdk-lib';
import type { ITableRef } from 'aws-cdk-lib/aws-dynamodb';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { type Conditions, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { OUR_SOURCE } from '../shared/events/event.ts';

/** Exact actions on exact resources: what a role may do is read here, not inferred from grants. */
export const allow = (actions: string[], resources: string[], conditions?: Conditions): PolicyStatement =>
  new PolicyStatement({ actions, resources, ...(conditions && { conditions }) });

type EntryKeys = Partial<Record<'events:detail-type' | 'events:source', readonly string[]>>;

/**
 * Both keys are lists, of what all entries of a call have: each is to be among ours. For an empty list that is
 * true too, hence the Null check. A StringEquals refuses a list of two, even of two that it allows.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html and
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
 */
export const onlyEntries = (keys: EntryKeys): Conditions => ({
  'ForAllValues:StringEquals': keys,
  Null: Object.fromEntries(Object.keys(keys).map((key) => [key, 'false'])),
});

/** Each function announces its own events and no other's. */
export const putEvents = (bus: EventBus, ...events: { readonly detailType: string }[]): PolicyStatement =>
  allow(
    ['events:PutEvents'],
    [bus.eventBusArn],
    onlyEntries({
      'events:detail-type': events.map(({ detailType }) => detailType),
      'events:source': [OUR_SOURCE],
    }),
  );

/**
 * To start a state machine and be told of its end, as `startExecution.sync` is: by an event, through a rule of Step Functions'
 * own; or by asking.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
 * @param names of the executions, in which stars may stand
 */
export function runToItsEnd(stateMachine: StateMachine, names: string): PolicyStatement[] {
  return [
    allow(['states:StartExecution'], [stateMachine.stateMachineArn]),
    allow(['states:DescribeExecution', 'states:StopExecution'], [executionsOf(stateMachine, names)]),
    allow(['events:PutTargets', 'events:PutRule', 'events:DescribeRule'], [SYNC_RULE]),
  ];
}

const SYNC_RULE = `arn:${Aws.PARTITION}:events:${Aws.REGION}:${Aws.ACCOUNT_ID}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`;

export const executionsOf = ({ stateMachineName }: StateMachine, names = '*'): string =>
  `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:execution:${stateMachineName}:${names}`;

export const useTable = (table: ITableRef, ...actions: string[]): PolicyStatement =>
  allow(
    actions.map((action) => `dynamodb:${action}`),
    [table.tableRef.tableArn],
  );

const parameterArn = (name: string) =>
  `arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:parameter${name}`;

/** A parameter that is no secret. */
export const readParameter = (name: string): PolicyStatement =>
  allow(['ssm:GetParameter'], [parameterArn(name)]);

/** Of this account, and AWS's public ones, which have no account. */
export const ANY_PARAMETER = [
  `arn:${Aws.PARTITION}:ssm:${Aws.REGION}::parameter/aws/service/*`,
  parameterArn('/*'),
];

/** Keys of SSM's own alias: see readSecret. */
const ANY_KEY = `arn:${Aws.PARTITION}:kms:${Aws.REGION}:${Aws.ACCOUNT_ID}:key/*`;

/**
 * For whoever may read parameters that others name: SSM's own key lets every role of the account decrypt, and webhooks'
 * addresses are there.
 * Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-restrict-decryption.html
 */
export const decryptNothing = (): PolicyStatement =>
  new PolicyStatement({ effect: Effect.DENY, actions: ['kms:Decrypt'], resources: [ANY_KEY] });

/**
 * A SecureString, and its key through SSM alone. SSM's own key has an alias but no ARN that a template
 * could know: conditions stand in for it.
 * Source: https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
 */
export function readSecret(name: string, kmsKeyArn: string | undefined): PolicyStatement[] {
  return [
    readParameter(name),
    allow(['kms:Decrypt'], [kmsKeyArn ?? ANY_KEY], {
      StringEquals: {
        'kms:ViaService': `ssm.${Aws.REGION}.${Aws.URL_SUFFIX}`,
        'kms:EncryptionContext:PARAMETER_ARN': parameterArn(name),
      },
    }),
  ];
}
