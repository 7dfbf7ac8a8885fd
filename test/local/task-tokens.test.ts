import { CreateTableCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { errorOf, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws();
let sfn: SFNClient;
let dynamodb: DynamoDBClient;
let stateMachineArn: string;

beforeAll(async () => {
  sfn = new SFNClient({ ...suite.aws.clientConfig, maxAttempts: 1 });
  dynamodb = new DynamoDBClient(suite.aws.clientConfig);
  await dynamodb.send(
    new CreateTableCommand({
      TableName: 'waiting',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    }),
  );
  const wait = {
    Type: 'Task',
    Resource: 'arn:aws:states:::aws-sdk:dynamodb:putItem.waitForTaskToken',
    Arguments: {
      TableName: 'waiting',
      Item: { pk: { S: '{% $states.input.id %}' }, token: { S: '{% $states.context.Task.Token %}' } },
    },
    TimeoutSeconds: 1,
    Catch: [{ ErrorEquals: ['States.Timeout'], Output: { woken: false }, Next: 'Done' }],
    Output: { woken: true },
    Next: 'Done',
  };
  const definition = {
    QueryLanguage: 'JSONata',
    StartAt: 'Wait',
    States: { Wait: wait, Done: { Type: 'Succeed' } },
  };
  const input = {
    name: 'waiter',
    roleArn: 'arn:aws:iam::000000000000:role/r',
    definition: JSON.stringify(definition),
  };
  stateMachineArn = String((await sfn.send(new CreateStateMachineCommand(input))).stateMachineArn);
});

async function start(id: string): Promise<{ executionArn: string; token: string }> {
  const input = { stateMachineArn, name: id, input: JSON.stringify({ id }) };
  const { executionArn = '' } = await sfn.send(new StartExecutionCommand(input));
  const token = await vi.waitFor(async () => {
    const { Item } = await dynamodb.send(
      new GetItemCommand({ TableName: 'waiting', Key: { pk: { S: id } } }),
    );
    expect(Item?.token?.S).toBeTruthy();
    return String(Item?.token?.S);
  });
  return { executionArn, token };
}

const send = (taskToken: string, output = '{}') =>
  sfn.send(new SendTaskSuccessCommand({ taskToken, output }));

const outputOf = (executionArn: string) =>
  vi.waitFor(
    async () => {
      const { status, output } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      expect(status).toBe('SUCCEEDED');
      return JSON.parse(String(output)) as unknown;
    },
    { timeout: 4000 },
  );

describe('a task token', () => {
  it('wakes once', async () => {
    const { executionArn, token } = await start('one');
    expect((await errorOf(send(token, 'no json'))).name).toBe('InvalidOutput');
    await send(token);
    expect((await errorOf(send(token))).name).toBe('TaskTimedOut');
    expect(await outputOf(executionArn)).toEqual({ woken: true });
    expect((await errorOf(send(token))).name).toBe('TaskTimedOut');
  });

  it('is over after its time-out, and one that never was is invalid', async () => {
    const { executionArn, token } = await start('two');
    expect(await outputOf(executionArn)).toEqual({ woken: false });
    expect((await errorOf(send(token))).name).toBe('TaskTimedOut');
    expect((await errorOf(send('made-up'))).name).toBe('InvalidToken');
  });
});

describe('an execution', () => {
  it('has a name that serves once', async () => {
    await start('three');
    expect((await errorOf(start('three'))).name).toBe('ExecutionAlreadyExists');
  });
});
