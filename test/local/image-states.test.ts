import { DeregisterImageCommand, DescribeSnapshotsCommand, DisableImageCommand } from '@aws-sdk/client-ec2';
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createImage, describeImage, errorOf, imageName, untilState, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws({ pendingSeconds: 0.2 });
let sqs: SQSClient;
let QueueUrl: string;

interface StateChange {
  source: string;
  resources: string[];
  detail: { RequestId: string; ImageId: string; State: string; ErrorMessage: string };
}

beforeAll(async () => {
  const events = new EventBridgeClient(suite.aws.clientConfig);
  sqs = new SQSClient(suite.aws.clientConfig);
  QueueUrl = String((await sqs.send(new CreateQueueCommand({ QueueName: 'changes' }))).QueueUrl);
  await events.send(new CreateEventBusCommand({ Name: 'other' }));
  const EventPattern = JSON.stringify({ source: ['aws.ec2'], 'detail-type': ['EC2 AMI State Change'] });
  await events.send(new PutRuleCommand({ Name: 'changes', EventPattern }));
  const Targets = [{ Id: 'q', Arn: 'arn:aws:sqs:us-east-1:000000000000:changes' }];
  await events.send(new PutTargetsCommand({ Rule: 'changes', Targets }));
});

/** The first events of an image; for none, those that came in a third of a second. */
async function changesOf(imageId: string, count: number): Promise<StateChange[]> {
  const found: StateChange[] = [];
  if (count === 0) await new Promise((resolve) => setTimeout(resolve, 300));
  for (let polls = 0; polls < 10; polls += 1) {
    const input = { QueueUrl, WaitTimeSeconds: count === 0 ? 0 : 1, MaxNumberOfMessages: 10 };
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(input));
    const events = Messages.map(({ Body }) => JSON.parse(String(Body)) as StateChange);
    found.push(...events.filter((each) => each.detail.ImageId === imageId));
    if (found.length >= count && (count > 0 || Messages.length === 0)) break;
  }
  return found;
}

describe('the state of an image', () => {
  it('changes to available, disabled and deregistered, each with an event as EC2 sends it', async () => {
    const id = await createImage(suite);
    await untilState(suite, id, 'available');
    await suite.ec2.send(new DisableImageCommand({ ImageId: id }));
    await suite.ec2.send(new DeregisterImageCommand({ ImageId: id }));
    const changes = await changesOf(id, 3);
    expect(changes.map((each) => each.detail.State)).toEqual(['available', 'disabled', 'deregistered']);
    expect(changes[0]).toEqual({
      version: '0',
      id: expect.any(String),
      source: 'aws.ec2',
      'detail-type': 'EC2 AMI State Change',
      account: '000000000000',
      region: 'us-east-1',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      resources: [`arn:aws:ec2:us-east-1::image/${id}`],
      detail: { RequestId: expect.any(String), ImageId: id, State: 'available', ErrorMessage: '' },
    });
  });

  it('can end in failure, with a reason, and its snapshots in error', async () => {
    await suite.aws.control.addFault({
      action: 'CreateImage',
      kind: 'image-fails',
      code: 'Client.InternalError',
      message: 'Snapshots overlap',
      times: 1,
    });
    const id = await createImage(suite);
    const failed = await untilState(suite, id, 'failed');
    expect(failed.StateReason).toEqual({ Code: 'Client.InternalError', Message: 'Snapshots overlap' });
    const { Snapshots = [] } = await suite.ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
    expect(Snapshots.map((each) => each.State)).toEqual(['error']);
    expect(await changesOf(id, 1)).toMatchObject([
      { detail: { State: 'failed', ErrorMessage: 'Snapshots overlap' } },
    ]);
    await untilState(suite, await createImage(suite), 'available');
  });

  it('holds its name while it is failed', async () => {
    const Name = imageName();
    await suite.aws.control.addFault({ action: 'CreateImage', kind: 'image-fails', times: 1 });
    const id = await createImage(suite, { Name });
    await untilState(suite, id, 'failed');
    expect((await errorOf(createImage(suite, { Name }))).name).toBe('InvalidAMIName.Duplicate');
    await suite.ec2.send(new DeregisterImageCommand({ ImageId: id }));
    await createImage(suite, { Name });
  });

  it.each(['invalid', 'error', 'transient', 'nobody-knows'])(
    'can become %s, of which EC2 tells nobody',
    async (state) => {
      await suite.aws.control.addFault({ action: 'CreateImage', kind: 'image-fails', state });
      const id = await createImage(suite);
      await untilState(suite, id, state);
      expect(await changesOf(id, 0)).toEqual([]);
    },
  );

  it('can change without an event', async () => {
    await suite.aws.control.addFault({
      action: 'CreateImage',
      kind: 'no-state-change-event',
      match: { Name: 'mute-*' },
    });
    const mute = await createImage(suite, { Name: imageName('mute') });
    const other = await createImage(suite);
    await untilState(suite, mute, 'available');
    await untilState(suite, other, 'available');
    expect(await changesOf(mute, 0)).toEqual([]);
  });

  it('is not known at once when EC2 is slow to tell', async () => {
    await suite.aws.control.addFault({
      action: 'CreateImage',
      kind: 'not-found-for',
      seconds: 0.6,
      times: 1,
    });
    const id = await createImage(suite);
    expect(await errorOf(describeImage(suite, id))).toEqual({
      name: 'InvalidAMIID.NotFound',
      message: `The image id '[${id}]' does not exist`,
    });
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect((await describeImage(suite, id)).State).toBe('available');
  });

  it('stays pending for as long as it is told to, by image or by instance', async () => {
    const { control } = suite.aws;
    await control.setPending(null, { instance: 'slow' });
    const { instanceId: InstanceId } = await control.startInstance({ name: 'slow' });
    const slow = await createImage(suite, { InstanceId });
    const quick = await createImage(suite);
    await untilState(suite, quick, 'available');
    expect((await describeImage(suite, slow)).State).toBe('pending');
    await control.changeImage(slow, { state: 'available' });
    expect((await changesOf(slow, 1)).map((each) => each.detail.State)).toEqual(['available']);
  });
});
