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
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { failTask, startExecution, wake } from '../../shared/aws/state-machine.ts';

const sfn = mockClient(SFNClient);
beforeEach(() => {
  sfn.reset();
  sfn.onAnyCommand().resolves({});
});

const over = { message: 'over', $metadata: {} };
const others = ['ThrottlingException', 'AccessDeniedException'];
const error = (name: string) => Object.assign(new Error(name), { name });

describe('startExecution', () => {
  const start = () => startExecution('arn', 'bake-1', { requestKey: 'key' });

  it('starts it under its name', async () => {
    await start();
    expect(sfn.commandCalls(StartExecutionCommand)[0]?.args[0].input).toEqual({
      stateMachineArn: 'arn',
      name: 'bake-1',
      input: '{"requestKey":"key"}',
    });
  });

  it('one that was started before is as good', async () => {
    sfn.on(StartExecutionCommand).rejects(new ExecutionAlreadyExists(over));
    await start();
  });

  it.each(others)('%s: thrown', async (name) => {
    sfn.on(StartExecutionCommand).rejects(error(name));
    await expect(start()).rejects.toMatchObject({ name });
  });
});

describe.each([
  {
    what: 'wake',
    end: () => wake('token'),
    command: SendTaskSuccessCommand,
    input: { taskToken: 'token', output: '{}' },
  },
  {
    what: 'failTask',
    end: () => failTask('token', 'builder-gone', 'It is gone.'),
    command: SendTaskFailureCommand,
    input: { taskToken: 'token', error: 'builder-gone', cause: 'It is gone.' },
  },
])('$what', ({ end, command, input }) => {
  it('ends the state that waits with the token', async () => {
    expect(await end()).toBe(true);
    expect(sfn.calls().map(({ args }) => args[0])).toEqual([expect.any(command)]);
    expect(sfn.calls()[0]?.args[0].input).toEqual(input);
  });

  it.each([new TaskTimedOut(over), new TaskDoesNotExist(over), new InvalidToken(over)])(
    '%s: nobody waits any more',
    async (gone) => {
      sfn.onAnyCommand().rejects(gone);
      expect(await end()).toBe(false);
    },
  );

  it.each(others)('%s: thrown', async (name) => {
    sfn.onAnyCommand().rejects(error(name));
    await expect(end()).rejects.toMatchObject({ name });
  });
});
