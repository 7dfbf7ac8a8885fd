import { DeleteStackCommand } from '@aws-sdk/client-cloudformation';
import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { PutEventsCommand, PutRuleCommand, StartReplayCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import {
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import {
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import {
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  PutParameterCommand,
} from '@aws-sdk/client-ssm';
import { type Session, URL_PARAMETER } from '../../../local/session.ts';
import { DELETION_SWITCH } from '../../../shared/domain/retention/policy.ts';
import { BY_IMAGE } from '../../../shared/domain/retention/retired.ts';
import { EVENTS } from '../../../shared/events/index.ts';
import { chunks } from '../../../shared/runtime/chunks.ts';
import { cleanUpMachine } from './clean-up.ts';
import { bakeCalls } from './role-calls-bake.ts';
import { ec2Calls } from './role-calls-ec2.ts';
import { moveCalls } from './role-calls-move.ts';
import { rolloutCalls } from './role-calls-rollout.ts';
import { type Clients, clientsOf, mayEnd, outcomeOf, resourcesOf } from './roles.ts';

const AT_ONCE = 6;

export type RoleCalls = Record<string, (as: Clients) => Promise<unknown>>;

const callsOf = new WeakMap<Session, Promise<RoleCalls>>();

/** Everything that a role of the stack is tried with: what some may do, and what someone who took it over would. */
export function roleCalls(session: Session): Promise<RoleCalls> {
  const calls = callsOf.get(session) ?? prepare(session);
  callsOf.set(session, calls);
  return calls;
}

async function prepare(session: Session): Promise<RoleCalls> {
  return {
    ...ec2Calls(session),
    ...(await bakeCalls(session)),
    ...(await rolloutCalls(session)),
    ...(await moveCalls(session)),
    ...eventCalls(session),
    ...machineCalls(session, await cleanUpMachine(session)),
    ...tableCalls(await resourcesOf(session, 'AWS::DynamoDB::Table')),
    ...queueCalls(await resourcesOf(session, 'AWS::SQS::Queue')),
    ...functionCalls(await resourcesOf(session, 'AWS::Lambda::Function')),
    ...parameterCalls,
    ...accountCalls(session),
  };
}

function eventCalls({ outputs }: Session): RoleCalls {
  const put =
    (...entries: { DetailType: string; Source?: string; EventBusName?: string }[]) =>
    async ({ events }: Clients) => {
      // About nothing that is there: consumers of the real bus get these.
      const defaults = { EventBusName: outputs.BusName, Source: 'amity', Detail: '{"roleTest":true}' };
      const Entries = entries.map((entry) => ({ ...defaults, ...entry }));
      const { FailedEntryCount } = await events.send(new PutEventsCommand({ Entries }));
      if (FailedEntryCount) throw new Error('not put');
    };
  const calls: RoleCalls = {
    'events:PutEvents AmiCreated and AmiFailed': put(
      { DetailType: 'AmiCreated' },
      { DetailType: 'AmiFailed' },
    ),
    'events:PutEvents AmiCreated and AmiAvailable': put(
      { DetailType: 'AmiCreated' },
      { DetailType: 'AmiAvailable' },
    ),
    'events:PutEvents of a kind that is not there': put({ DetailType: 'Other' }),
    'events:PutRule': ({ events }) =>
      events.send(new PutRuleCommand({ Name: 'mine', EventPattern: '{"source":["amity"]}' })),
    'events:StartReplay': ({ events }) =>
      events.send(
        new StartReplayCommand({
          ReplayName: 'mine',
          EventSourceArn: outputs.ArchiveArn,
          EventStartTime: new Date(0),
          EventEndTime: new Date(),
          Destination: { Arn: outputs.BusArn },
        }),
      ),
  };
  for (const DetailType of Object.keys(EVENTS)) {
    calls[`events:PutEvents ${DetailType}`] = put({ DetailType });
    calls[`events:PutEvents ${DetailType} of another source`] = put({ DetailType, Source: 'other' });
    calls[`events:PutEvents ${DetailType} on another bus`] = put({ DetailType, EventBusName: 'default' });
  }
  return calls;
}

function machineCalls({ outputs: { WaiterArn } }: Session, cleanUpArn: string): RoleCalls {
  const start = (stateMachineArn: string) => (as: Clients) =>
    // Without an image: it ends in AmiFailed of nothing.
    as.sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{"imageId":"ami-0"}' }));
  const executionArn = `${WaiterArn.replace(':stateMachine:', ':execution:')}:none`;
  return {
    'states:StartExecution of the waiter': start(WaiterArn),
    'states:StartExecution of the clean-up': start(cleanUpArn),
    'states:StartExecution of another': start(`${WaiterArn}-other`),
    'states:StopExecution': ({ sfn }) => sfn.send(new StopExecutionCommand({ executionArn })),
    'states:SendTaskSuccess': ({ sfn }) =>
      mayEnd('InvalidToken', sfn.send(new SendTaskSuccessCommand({ taskToken: 'none', output: '{}' }))),
    'states:SendTaskFailure': ({ sfn }) =>
      mayEnd('InvalidToken', sfn.send(new SendTaskFailureCommand({ taskToken: 'none' }))),
  };
}

function tableCalls(tables: Record<string, string>): RoleCalls {
  const keys: Record<string, readonly string[]> = {
    TablesRequests: ['key'],
    TablesWaiting: ['id'],
    TablesNotified: ['id'],
    TablesRetired: ['runId', 'id'],
    TablesRollouts: ['id'],
  };
  const calls: RoleCalls = {};
  for (const [place, TableName] of Object.entries(tables)) {
    const Key = Object.fromEntries((keys[place] ?? []).map((key) => [key, { S: 'role-test' }]));
    const name = place.replace('Tables', '');
    calls[`dynamodb:GetItem ${name}`] = ({ dynamodb }) =>
      dynamodb.send(new GetItemCommand({ TableName, Key }));
    calls[`dynamodb:PutItem ${name}`] = ({ dynamodb }) =>
      dynamodb.send(new PutItemCommand({ TableName, Item: Key }));
    calls[`dynamodb:UpdateItem ${name}`] = ({ dynamodb }) =>
      dynamodb.send(new UpdateItemCommand({ TableName, Key }));
    calls[`dynamodb:DeleteItem ${name}`] = ({ dynamodb }) =>
      dynamodb.send(new DeleteItemCommand({ TableName, Key }));
    calls[`dynamodb:BatchWriteItem ${name}`] = ({ dynamodb }) =>
      dynamodb.send(
        new BatchWriteItemCommand({ RequestItems: { [TableName]: [{ PutRequest: { Item: Key } }] } }),
      );
    const [hash = ''] = keys[place] ?? [];
    const query = (key: string, IndexName?: string) => ({
      TableName,
      IndexName,
      KeyConditionExpression: '#key = :key',
      ExpressionAttributeNames: { '#key': key },
      ExpressionAttributeValues: { ':key': { S: 'role-test' } },
    });
    calls[`dynamodb:Query ${name}`] = ({ dynamodb }) => dynamodb.send(new QueryCommand(query(hash)));
    if (name === 'Retired')
      calls[`dynamodb:Query ${name} ${BY_IMAGE}`] = ({ dynamodb }) =>
        dynamodb.send(new QueryCommand(query('imageId', BY_IMAGE)));
    calls[`dynamodb:Scan ${name}`] = ({ dynamodb }) => dynamodb.send(new ScanCommand({ TableName }));
  }
  return calls;
}

function queueCalls(queues: Record<string, string>): RoleCalls {
  const calls: RoleCalls = {};
  for (const [place, QueueUrl] of Object.entries(queues)) {
    calls[`sqs:GetQueueAttributes ${place}`] = ({ sqs }) =>
      sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
    calls[`sqs:ReceiveMessage ${place}`] = ({ sqs }) =>
      sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0, WaitTimeSeconds: 0 }));
    calls[`sqs:SendMessage ${place}`] = ({ sqs }) =>
      sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' }));
    calls[`sqs:PurgeQueue ${place}`] = ({ sqs }) => sqs.send(new PurgeQueueCommand({ QueueUrl }));
  }
  return calls;
}

function functionCalls(functions: Record<string, string>): RoleCalls {
  const calls: RoleCalls = {};
  for (const [place, FunctionName] of Object.entries(functions)) {
    calls[`lambda:InvokeFunction ${place}`] = ({ lambda }) =>
      lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'DryRun' }));
  }
  const [FunctionName] = Object.values(functions);
  calls['lambda:UpdateFunctionConfiguration'] = ({ lambda }) =>
    lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Description: 'mine' }));
  return calls;
}

const parameterCalls: RoleCalls = {
  'ssm:GetParameter of the webhook': ({ ssm }) =>
    ssm.send(new GetParameterCommand({ Name: URL_PARAMETER, WithDecryption: true })),
  'ssm:GetParameter of the switch': ({ ssm }) => ssm.send(new GetParameterCommand({ Name: DELETION_SWITCH })),
  'ssm:PutParameter of the switch': ({ ssm }) =>
    ssm.send(new PutParameterCommand({ Name: DELETION_SWITCH, Value: 'off', Overwrite: true })),
  'ssm:GetParameter of another': ({ ssm }) =>
    mayEnd('ParameterNotFound', ssm.send(new GetParameterCommand({ Name: '/amity/other' }))),
  'ssm:GetParameters': ({ ssm }) => ssm.send(new GetParametersCommand({ Names: [URL_PARAMETER] })),
  'ssm:GetParametersByPath': ({ ssm }) => ssm.send(new GetParametersByPathCommand({ Path: '/amity' })),
  'ssm:PutParameter': ({ ssm }) =>
    ssm.send(new PutParameterCommand({ Name: URL_PARAMETER, Value: 'https://other', Overwrite: true })),
};

function accountCalls({ aws, apiUrl }: Session): RoleCalls {
  const query = (service: string, action: string) => async (as: Clients) => {
    const body = `Action=${action}&Version=2010-05-08`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    await refused(as.signed(service).fetch(aws.endpoint, { method: 'POST', headers, body }));
  };
  return {
    'execute-api:Invoke': (as) =>
      refused(as.signed('execute-api').fetch(apiUrl, { method: 'POST', body: '{}' })),
    'cloudformation:DeleteStack': ({ cloudformation }) =>
      cloudformation.send(new DeleteStackCommand({ StackName: 'Amity' })),
    'iam:ListRoles': query('iam', 'ListRoles'),
    'iam:PutRolePolicy': query('iam', 'PutRolePolicy'),
  };
}

async function refused(answer: Promise<Response>): Promise<void> {
  if ((await answer).status === 403) throw Object.assign(new Error('403'), { name: 'AccessDenied' });
}

/** Tries a role, by its place in the stack, with everything; gives what was not denied, with what became of it. */
export async function triesOf(session: Session, place: string): Promise<string[]> {
  const { [place]: role = '' } = await resourcesOf(session, 'AWS::IAM::Role');
  const as = await clientsOf(session, role);
  const calls = await roleCalls(session);
  const tries: string[] = [];
  const tried = async ([name, call]: [string, RoleCalls[string]]) => {
    const outcome = await outcomeOf(call(as));
    if (outcome !== 'denied') tries.push(`${name}: ${outcome}`);
  };
  // A call waits more than it works.
  for (const some of chunks(Object.entries(calls), AT_ONCE)) await Promise.all(some.map(tried));
  return tries.sort();
}

/** The same, of a role that may do some of it. */
export const allowed = (work: readonly string[]): string[] => work.map((name) => `${name}: allowed`).sort();
