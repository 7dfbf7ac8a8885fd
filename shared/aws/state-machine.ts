import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  InvalidToken,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import { requestHandler } from './clients.ts';

const client = new SFNClient({ requestHandler, maxAttempts: 5 });

/** Starts an execution whose name says what it is for; false where one was started before, which is as good. */
export async function startExecution(stateMachineArn: string, name: string, input: object): Promise<boolean> {
  try {
    await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
    return true;
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
    return false;
  }
}

/** `RUNNING`, or how an execution ended. */
export async function statusOf(stateMachineArn: string, name: string): Promise<string> {
  const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  const { status = 'RUNNING' } = await client.send(new DescribeExecutionCommand({ executionArn }));
  return status;
}

/** Ends a state that waits with a task token; false when nobody waits with it any more. */
export const wake = (taskToken: string): Promise<boolean> =>
  isTaken(client.send(new SendTaskSuccessCommand({ taskToken, output: '{}' })));

/** The same as a failure, which the state machine catches by its name. */
export const failTask = (taskToken: string, error: string, cause: string): Promise<boolean> =>
  isTaken(client.send(new SendTaskFailureCommand({ taskToken, error, cause })));

async function isTaken(sending: Promise<unknown>): Promise<boolean> {
  try {
    await sending;
    return true;
  } catch (error) {
    const over =
      error instanceof TaskTimedOut || error instanceof TaskDoesNotExist || error instanceof InvalidToken;
    if (over) return false;
    throw error;
  }
}
