import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
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
  stateMachineArn = String(
    (await sfn.send(new CreateStateMachineCommand(machine('waiter')))).stateMachineArn,
  );
});

function machine(name: string) {
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
  return {
    name,
    roleArn: 'arn:aws:iam::000000000000:role/r',
    definition: JSON.stringify(definition),
  };
}

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

describe('with IAM', () => {
  it("a token is answered by who may answer its machine's, and no other's", async () => {
    const other = String((await sfn.send(new CreateStateMachineCommand(machine('other')))).stateMachineArn);
    for (const [name, allowed] of Object.entries({ own: stateMachineArn, another: other })) {
      await createRole(name, allowed);
      const { token } = await start(`iam-${name}`);
      await suite.aws.control.enforceIam(true);
      const credentials = await suite.aws.control.startSession(`arn:aws:iam::000000000000:role/${name}`);
      const as = new SFNClient({ ...suite.aws.clientConfig, credentials, maxAttempts: 1 });
      const answer = (taskToken: string) =>
        as.send(new SendTaskSuccessCommand({ taskToken, output: '{}' })).then(() => 'answered', nameOf);
      expect(await answer(token)).toBe(name === 'own' ? 'answered' : 'AccessDeniedException');
      expect(await answer('made-up')).toBe('InvalidToken');
      await suite.aws.control.enforceIam(false);
    }
  });
});

const nameOf = (error: Error) => error.name;

async function createRole(RoleName: string, Resource: string): Promise<void> {
  const allow = (statement: object) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', ...statement }],
  });
  const PolicyDocument = allow({ Action: 'states:SendTaskSuccess', Resource });
  const AssumeRolePolicyDocument = allow({ Principal: { AWS: '*' }, Action: 'sts:AssumeRole' });
  const Properties = {
    RoleName,
    AssumeRolePolicyDocument,
    Policies: [{ PolicyName: 'p', PolicyDocument }],
  };
  const TemplateBody = JSON.stringify({ Resources: { Role: { Type: 'AWS::IAM::Role', Properties } } });
  const cloudFormation = new CloudFormationClient(suite.aws.clientConfig);
  const Capabilities = ['CAPABILITY_NAMED_IAM' as const];
  await cloudFormation.send(new CreateStackCommand({ StackName: RoleName, TemplateBody, Capabilities }));
  await vi.waitFor(async () => {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: RoleName }));
    expect(Stacks?.[0]?.StackStatus).toBe('CREATE_COMPLETE');
  });
}

describe('an execution', () => {
  it('has a name that serves once', async () => {
    await start('three');
    expect((await errorOf(start('three'))).name).toBe('ExecutionAlreadyExists');
  });
});
