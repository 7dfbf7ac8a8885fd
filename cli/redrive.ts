import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { options } from './options.ts';
import { stackOutputs } from './stack-outputs.ts';

/**
 * `npm run redrive`: brings every dead letter back to the queue that it came from, by SQS's own move task.
 * What was done meanwhile is not done again: consumers know it.
 */
const { values } = options({ options: { stack: { type: 'string', default: 'Amity' } } });
const sqs = new SQSClient();

try {
  await redrive((await stackOutputs(values.stack)).DeadLetterQueueUrl);
} catch (error) {
  console.error(`Nothing could be brought back: ${error instanceof Error ? error.message : String(error)}`);
  console.error(
    'The letters stay where they are. Another stack is named by `npm run redrive -- --stack NAME`.',
  );
  process.exitCode = 1;
}

async function redrive(QueueUrl: string | undefined): Promise<void> {
  if (!QueueUrl) throw new Error(`The stack ${values.stack} has no output DeadLetterQueueUrl`);
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn', 'ApproximateNumberOfMessages'] }),
  );
  const letters = Number(Attributes.ApproximateNumberOfMessages);
  if (letters === 0) return console.log('There are no dead letters.');
  console.log(`About ${letters} dead letter(s) go back to their queues`);
  await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: Attributes.QueueArn }));
  for (;;) {
    const { Results: [task] = [] } = await sqs.send(
      new ListMessageMoveTasksCommand({ SourceArn: Attributes.QueueArn, MaxResults: 1 }),
    );
    if (task?.Status !== 'RUNNING') {
      const moved = task?.ApproximateNumberOfMessagesMoved ?? 0;
      if (task?.Status !== 'COMPLETED')
        throw new Error(`${task?.FailureReason ?? task?.Status} (${moved} moved)`);
      return console.log(`${moved} brought back.`);
    }
    await sleep(1000);
  }
}
