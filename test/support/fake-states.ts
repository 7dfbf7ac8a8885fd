import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandInput,
  ExecutionAlreadyExists,
  type ExecutionStatus,
  SendTaskFailureCommand,
  type SendTaskFailureCommandInput,
  SFNClient,
  StartExecutionCommand,
  type StartExecutionCommandInput,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import type { Calls } from './calls.ts';

/** Step Functions in memory: what was started, and which tasks were ended. */
export class FakeStates {
  readonly mock = mockClient(SFNClient);
  /** The executions that were started, by their names. */
  readonly executions = new Map<string, unknown>();
  /** How executions have ended that run no more. */
  readonly ended = new Map<string, ExecutionStatus>();
  /** The tasks that were ended as failed. */
  readonly failedTasks: SendTaskFailureCommandInput[] = [];

  constructor(calls: Calls) {
    this.mock
      .on(StartExecutionCommand)
      .callsFake(({ name = '', input = '{}' }: StartExecutionCommandInput) =>
        calls.through('StartExecution', () => {
          if (!/^[\w-]{1,80}$/.test(name)) throw new Error(`No name of an execution: ${name}`);
          if (this.executions.has(name)) throw new ExecutionAlreadyExists({ message: name, $metadata: {} });
          this.executions.set(name, JSON.parse(input));
          return {};
        }),
      )
      .on(DescribeExecutionCommand)
      .callsFake(({ executionArn = '' }: DescribeExecutionCommandInput) =>
        calls.through('DescribeExecution', () => ({
          status: this.ended.get(executionArn.split(':').at(-1) ?? '') ?? 'RUNNING',
        })),
      )
      .on(SendTaskFailureCommand)
      .callsFake((input: SendTaskFailureCommandInput) =>
        calls.through('SendTaskFailure', () => this.failedTasks.push(input) && {}),
      );
  }
}
