import { DescribeReplayCommand, EventBridgeClient, StartReplayCommand } from '@aws-sdk/client-eventbridge';
import type { Session } from '../../../local/session.ts';
import { settle, until } from './flow.ts';

/** Replays what the archive has of so many hours onto the bus and waits until EventBridge is through with it. */
export async function replayAll(
  { aws, outputs, observer }: Session,
  ReplayName: string,
  hours = 1,
): Promise<void> {
  const client = new EventBridgeClient(aws.clientConfig);
  await client.send(
    new StartReplayCommand({
      ReplayName,
      EventSourceArn: outputs.ArchiveArn,
      EventStartTime: new Date(Date.now() - hours * 3_600_000),
      EventEndTime: new Date(),
      Destination: { Arn: outputs.BusArn },
    }),
  );
  await until('the replay', async () => {
    const { State } = await client.send(new DescribeReplayCommand({ ReplayName }));
    return State === 'COMPLETED';
  });
  await until('a replayed event', () => observer.events.find((event) => event['replay-name'] === ReplayName));
  await settle(5);
}
