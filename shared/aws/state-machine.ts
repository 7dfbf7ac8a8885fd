import {
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

/** Starts an execution whose name says what it is for; one that was started before is as good. */
export async function startExecution(stateMachineArn: string, name: string, input: object): Promise<void> {
  try {
    await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
  }
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
