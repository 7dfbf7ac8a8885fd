import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackResourceCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws();
let sfn: SFNClient;
let stateMachineArn: string;

/** Does a piece of work, is busy once, and breaks on one item. */
const code = `
exports.handler = async ({ item, left, attempt }) => {
  if (item === 'bad') throw Object.assign(new Error('no good'), { name: 'Broken' });
  if (item) return 'did ' + item;
  if (left === 2 && attempt === 0) throw Object.assign(new Error('later'), { name: 'Busy' });
  return { left: left - 1 };
};`;

const task = (Payload: object, more: object) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: 'worker', Payload },
  Output: '{% $states.result.Payload %}',
  ...more,
});
const definition = {
  QueryLanguage: 'JSONata',
  StartAt: 'Work',
  States: {
    Work: task(
      { left: '{% $states.input.left %}', attempt: '{% $states.context.State.RetryCount %}' },
      {
        Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 1, MaxAttempts: 2 }],
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Failed' }],
        Next: 'More?',
      },
    ),
    'More?': {
      Type: 'Choice',
      Choices: [{ Condition: '{% $states.input.left > 0 %}', Next: 'Work' }],
      Default: 'Each',
    },
    Each: {
      Type: 'Map',
      Items: "{% ['a', 'bad', 'c'] %}",
      MaxConcurrency: 2,
      ItemProcessor: {
        StartAt: 'Do',
        States: {
          Do: task(
            { item: '{% $states.input %}' },
            {
              Catch: [
                { ErrorEquals: ['Broken'], Output: '{% $states.errorOutput.Error %}', Next: 'Skipped' },
              ],
              End: true,
            },
          ),
          Skipped: { Type: 'Pass', Output: "{% 'skipped: ' & $states.input %}", End: true },
        },
      },
      Output: { done: '{% $states.result %}' },
      End: true,
    },
    Failed: { Type: 'Fail', Error: 'Failed' },
  },
};

const role = (Service: string[], ...allowed: [Action: string, Resource: string][]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: policy({ Principal: { Service }, Action: 'sts:AssumeRole' }),
    Policies: allowed.map(([Action, Resource]) => ({
      PolicyName: Action.replace(':', '-'),
      PolicyDocument: policy({ Action, Resource }),
    })),
  },
});
const policy = (statement: object) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', ...statement }],
});
const arnOf = (name: string) => ({ 'Fn::GetAtt': [name, 'Arn'] });
const resources = {
  Role: role(
    ['lambda.amazonaws.com', 'states.amazonaws.com'],
    ['lambda:InvokeFunction', 'arn:aws:lambda:us-east-1:000000000000:function:worker'],
  ),
  Function: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: 'worker',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: arnOf('Role'),
      Code: { ZipFile: code },
    },
  },
  Machine: {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      RoleArn: arnOf('Role'),
      DefinitionString: JSON.stringify(definition),
    },
  },
};

async function deploy(StackName: string, Resources: object): Promise<void> {
  const cloudFormation = new CloudFormationClient(suite.aws.clientConfig);
  const TemplateBody = JSON.stringify({ Resources });
  await cloudFormation.send(
    new CreateStackCommand({ StackName, TemplateBody, Capabilities: ['CAPABILITY_IAM'] }),
  );
  await vi.waitFor(
    async () => {
      const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
      expect(Stacks?.[0]?.StackStatus).toBe('CREATE_COMPLETE');
    },
    { timeout: 10_000 },
  );
}

async function outcome(executionArn: string) {
  return vi.waitFor(
    async () => {
      const found = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      expect(found.status).not.toBe('RUNNING');
      return found;
    },
    { timeout: 30_000, interval: 100 },
  );
}

beforeAll(async () => {
  sfn = new SFNClient({ ...suite.aws.clientConfig, maxAttempts: 1 });
  await deploy('Machine', resources);
  const found = await new CloudFormationClient(suite.aws.clientConfig).send(
    new DescribeStackResourceCommand({ StackName: 'Machine', LogicalResourceId: 'Machine' }),
  );
  stateMachineArn = String(found.StackResourceDetail?.PhysicalResourceId);
});

const result = { done: ['did a', 'skipped: Broken', 'did c'] };

describe('a state machine', () => {
  it('loops over the same task, retries it, and goes through a Map with a catch', async () => {
    const input = JSON.stringify({ left: 3 });
    const { executionArn = '' } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
    const { status, output } = await outcome(executionArn);
    expect([status, JSON.parse(String(output))]).toEqual(['SUCCEEDED', result]);
    const { events = [] } = await sfn.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }),
    );
    const entered = events.map((each) => each.stateEnteredEventDetails?.name);
    expect(entered.filter((name) => name === 'Work')).toHaveLength(3);
    expect(entered.filter((name) => name === 'More?')).toHaveLength(3);
  });

  it('is started by a schedule, under a role that may, with its input', async () => {
    await suite.aws.control.enforceIam(true);
    await deploy('Schedule', schedule(['states:StartExecution', stateMachineArn]));
    const executionArn = await vi.waitFor(
      async () => {
        const [scheduled] = await executionsOf((input) => 'scheduled' in input);
        expect(scheduled).toBeTruthy();
        return String(scheduled);
      },
      { timeout: 30_000, interval: 200 },
    );
    const { input, status, output } = await outcome(executionArn);
    expect(JSON.parse(String(input)).scheduled).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect([status, JSON.parse(String(output))]).toEqual(['SUCCEEDED', result]);
  });

  it('is not started by a schedule whose role may not', async () => {
    await suite.aws.control.enforceIam(true);
    const before = await executionsOf(() => true);
    await deploy('Denied', schedule());
    await vi.waitFor(
      async () => {
        const calls = await suite.aws.control.calls({ service: 'states', action: 'StartExecution' });
        expect(calls.map((each) => each.errorCode)).toEqual(['AccessDenied']);
      },
      { timeout: 30_000, interval: 200 },
    );
    expect(await executionsOf(() => true)).toEqual(before);
  });
});

async function executionsOf(wanted: (input: object) => boolean): Promise<string[]> {
  const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn }));
  const found: string[] = [];
  for (const { executionArn = '' } of executions) {
    const { input } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (wanted(JSON.parse(String(input)))) found.push(executionArn);
  }
  return found;
}

/** A schedule that starts the machine once, now. */
function schedule(...allowed: [Action: string, Resource: string][]) {
  const now = new Date(Date.now() + 1000).toISOString().slice(0, 19);
  const input = { left: 1, scheduled: '<aws.scheduler.scheduled-time>' };
  return {
    SchedulerRole: role(['scheduler.amazonaws.com'], ...allowed),
    Once: {
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        ScheduleExpression: `at(${now})`,
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: { Arn: stateMachineArn, RoleArn: arnOf('SchedulerRole'), Input: JSON.stringify(input) },
      },
    },
  };
}
