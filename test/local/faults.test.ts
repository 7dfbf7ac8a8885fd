import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeImagesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { CreateQueueCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { createImage, errorOf, imageName, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws({ pendingSeconds: 5 });
const action = 'CreateImage';

describe('a fault', () => {
  it('throttles as often as it says, and the journal tells', async () => {
    await suite.aws.control.addFault({ action, kind: 'throttle', times: 2, after: 1 });
    await createImage(suite);
    expect(await errorOf(createImage(suite))).toEqual({
      name: 'RequestLimitExceeded',
      message: 'Request limit exceeded.',
    });
    await errorOf(createImage(suite));
    await createImage(suite);
    const calls = await suite.aws.control.calls({ action });
    expect(calls.map(({ status, errorCode, fault }) => ({ status, errorCode, fault }))).toEqual([
      { status: 200, errorCode: null, fault: null },
      { status: 503, errorCode: 'RequestLimitExceeded', fault: 'throttle' },
      { status: 503, errorCode: 'RequestLimitExceeded', fault: 'throttle' },
      { status: 200, errorCode: null, fault: null },
    ]);
    expect(calls[0]?.params).toMatchObject({ NoReboot: 'true' });
    expect(await suite.aws.control.faults()).toMatchObject([{ struck: 2 }]);
  });

  it('gives any error, and strikes only what it matches', async () => {
    const fault = {
      action,
      kind: 'error',
      code: 'PendingSnapshotLimitExceeded',
      match: { Name: 'api-*' },
    } as const;
    const { id } = await suite.aws.control.addFault(fault);
    await createImage(suite, { Name: imageName('web') });
    expect((await errorOf(createImage(suite, { Name: imageName('api') }))).name).toBe(fault.code);
    await suite.aws.control.removeFaults(id);
    await createImage(suite, { Name: imageName('api') });
  });

  it('carries out and loses the answer: the name is then in use', async () => {
    const { control } = suite.aws;
    await control.addFault({ action, kind: 'carried-out-answer-lost', times: 1 });
    await control.addFault({ action, kind: 'carried-out-answer-lost', answer: 'error', times: 1, after: 0 });
    for (const expected of [/socket hang up|ECONNRESET|terminated/, /internal error/i]) {
      const Name = imageName();
      expect((await errorOf(createImage(suite, { Name }))).message).toMatch(expected);
      expect((await errorOf(createImage(suite, { Name }))).name).toBe('InvalidAMIName.Duplicate');
    }
  });

  it('is retried silently by the SDK, which then finds its own image in the way', async () => {
    await suite.aws.control.addFault({ action, kind: 'carried-out-answer-lost', times: 1 });
    const ec2 = new EC2Client(suite.aws.clientConfig);
    expect((await errorOf(createImage({ ...suite, ec2 }))).name).toBe('InvalidAMIName.Duplicate');
    expect(await suite.aws.control.calls({ action })).toHaveLength(2);
    expect(await suite.aws.control.images()).toHaveLength(1);
  });

  it('can drop the connection before, and delay', async () => {
    const { control } = suite.aws;
    await control.addFault({ action: 'DescribeImages', kind: 'connection-reset', times: 1 });
    const describeAll = () => suite.ec2.send(new DescribeImagesCommand({ Owners: ['self'] }));
    expect((await errorOf(describeAll())).message).toMatch(/hang up|ECONNRESET/);
    await control.addFault({ action: 'DescribeImages', kind: 'delay', seconds: 0.4, times: 1 });
    const started = Date.now();
    await describeAll();
    expect(Date.now() - started).toBeGreaterThan(390);
  });

  it('is refused when it could never strike', async () => {
    const add = suite.aws.control.addFault({ action: 'DescribeImages', kind: 'image-fails' });
    await expect(add).rejects.toThrow(/belongs to the ec2 call that makes the image/);
  });
});

describe('a fault of another service', () => {
  const once = { maxAttempts: 1 };

  it('makes DynamoDB unavailable', async () => {
    const dynamodb = new DynamoDBClient({ ...suite.aws.clientConfig, ...once });
    const KeySchema = [{ AttributeName: 'pk', KeyType: 'HASH' as const }];
    const AttributeDefinitions = [{ AttributeName: 'pk', AttributeType: 'S' as const }];
    const table = {
      TableName: 'table',
      KeySchema,
      AttributeDefinitions,
      BillingMode: 'PAY_PER_REQUEST' as const,
    };
    await dynamodb.send(new CreateTableCommand(table));
    const put = () => dynamodb.send(new PutItemCommand({ TableName: 'table', Item: { pk: { S: 'x' } } }));
    const fault = { service: 'dynamodb', action: 'PutItem', times: 1 };
    await suite.aws.control.addFault({ ...fault, kind: 'error', code: 'InternalServerError', status: 500 });
    await suite.aws.control.addFault({ ...fault, kind: 'throttle' });
    await suite.aws.control.addFault({ ...fault, kind: 'connection-reset' });
    expect((await errorOf(put())).name).toBe('InternalServerError');
    expect((await errorOf(put())).name).toBe('ThrottlingException');
    expect((await errorOf(put())).message).toMatch(/hang up|ECONNRESET/);
    await put();
  });

  it('throttles Step Functions', async () => {
    const sfn = new SFNClient({ ...suite.aws.clientConfig, ...once });
    await suite.aws.control.addFault({ service: 'states', action: 'ListStateMachines', kind: 'throttle' });
    expect((await errorOf(sfn.send(new ListStateMachinesCommand({})))).name).toBe('ThrottlingException');
  });

  it('lets PutEvents accept 7 of 10 entries', async () => {
    const events = new EventBridgeClient(suite.aws.clientConfig);
    await suite.aws.control.addFault({
      service: 'events',
      action: 'PutEvents',
      kind: 'partial',
      entries: [1, 4, 9],
    });
    const Entries = Array.from({ length: 10 }, () => ({ Source: 'me', DetailType: 'x', Detail: '{}' }));
    const answer = await events.send(new PutEventsCommand({ Entries }));
    expect(answer.FailedEntryCount).toBe(3);
    const codes = answer.Entries?.map((each) => each.ErrorCode ?? 'ok') ?? [];
    expect(codes.flatMap((code, index) => (code === 'InternalFailure' ? [index] : []))).toEqual([1, 4, 9]);
    expect(answer.Entries?.[0]?.EventId).toBeDefined();
  });

  it('lets SQS accept part of a batch', async () => {
    const sqs = new SQSClient(suite.aws.clientConfig);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
    await suite.aws.control.addFault({
      service: 'sqs',
      action: 'SendMessageBatch',
      kind: 'partial',
      entries: [0],
    });
    const Entries = ['a', 'b'].map((Id) => ({ Id, MessageBody: Id }));
    const { Failed, Successful } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect(Failed).toMatchObject([{ Id: 'a', SenderFault: false }]);
    expect(Successful).toMatchObject([{ Id: 'b' }]);
  });
});

describe('a limit', () => {
  it('lets a burst through, then refills', async () => {
    await suite.aws.control.setLimit('DescribeImages', { size: 3, refill: 5 });
    const call = () => suite.ec2.send(new DescribeImagesCommand({ Owners: ['self'] }));
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, call));
    expect(outcomes.filter((each) => each.status === 'fulfilled')).toHaveLength(3);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await call();
    await suite.aws.control.setLimit('DescribeImages', null);
    await Promise.all(Array.from({ length: 10 }, call));
  });
});
