import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { CreateTagsCommand, DeleteTagsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { ec2, ec2ErrorFacts, ec2In, ec2Once, literal, tagsOf } from '../../shared/aws/ec2.ts';
import { imageByName } from '../../shared/aws/images.ts';
import { runningInstances } from '../../shared/aws/instances.ts';
import { held } from '../../shared/aws/table.ts';
import { tag, tagAsOurs, untag } from '../../shared/aws/tag-images.ts';
import { connectionLost, ec2Error } from '../support/aws-errors.ts';
import { FakeEc2, image } from '../support/fake-ec2.ts';

it('CreateImage is never repeated by the SDK, which would make a second image; everything else is', async () => {
  expect(await ec2Once.config.maxAttempts()).toBe(1);
  expect(await ec2.config.maxAttempts()).toBeGreaterThan(3);
});

it('a region has one client, with its own patience', async () => {
  expect(ec2In('eu-west-1')).toBe(ec2In('eu-west-1'));
  expect(ec2In('eu-west-1')).not.toBe(ec2In('us-east-1'));
  expect(await ec2In('eu-west-1').config.region()).toBe('eu-west-1');
  expect(await ec2In('eu-west-1').config.maxAttempts()).toBe(await ec2.config.maxAttempts());
});

it.each([
  ['service-api', 'service-api'],
  ['*', '\\*'],
  ['a?b*', 'a\\?b\\*'],
  ['a\\b', 'a\\\\b'],
])('the filter value %s is written %s', (value, written) => {
  expect(literal(value)).toBe(written);
});

it('imageByName finds that name and no other', async () => {
  const world = new FakeEc2();
  world.images.push(image({ id: 'ami-1', name: 'abc' }), image({ id: 'ami-2', name: 'a*' }));
  expect(await imageByName('a*')).toMatchObject({ imageId: 'ami-2' });
  expect(await imageByName('a?c')).toBeUndefined();
});

it('runningInstances takes what a filter takes', async () => {
  const names = Array.from({ length: 201 }, (_, index) => `n${index}`);
  await expect(runningInstances(names, new AbortController().signal)).rejects.toThrow('200');
});

describe('ec2ErrorFacts', () => {
  it.each([
    [
      ec2Error('RequestLimitExceeded', 'slow'),
      { name: 'RequestLimitExceeded', status: 503, message: 'slow' },
    ],
    [connectionLost(), { name: 'TimeoutError', message: 'socket hang up' }],
    ['text', { name: 'Error', message: 'text' }],
  ])('%s', (error, facts) => {
    expect(ec2ErrorFacts(error)).toEqual(facts);
  });
});

it('tagsOf reads half a tag as an empty one', () => {
  expect(tagsOf([{ Key: 'a', Value: 'b' }, { Key: 'c' }])).toEqual({ a: 'b', c: '' });
  expect(tagsOf(undefined)).toEqual({});
});

it.each([
  ['ConditionalCheckFailed', false],
  ['TransactionConflict', undefined],
  ['ThrottlingError', undefined],
])('held tells a transaction cancelled for %s from a condition', async (Code, answer) => {
  const error = new TransactionCanceledException({
    message: 'cancelled',
    $metadata: {},
    CancellationReasons: [{ Code: 'None' }, { Code }],
  });
  if (answer === undefined) await expect(held(Promise.reject(error))).rejects.toBe(error);
  else expect(await held(Promise.reject(error))).toBe(answer);
});

it('held lets other errors escape', async () => {
  await expect(held(Promise.reject(new Error('unavailable')))).rejects.toThrow('unavailable');
  expect(await held(Promise.resolve())).toBe(true);
});

it('tagAsOurs tags images and snapshots, 500 a call', async () => {
  const mock = mockClient(EC2Client);
  mock.on(CreateTagsCommand).resolves({});
  const images = Array.from({ length: 300 }, (_, index) => ({
    imageId: `ami-${index}`,
    snapshotIds: [`snap-${index}`],
  }));
  await tagAsOurs('service-api', images);
  const inputs = mock.commandCalls(CreateTagsCommand).map(({ args }) => args[0].input);
  expect(inputs.map(({ Resources }) => Resources?.length)).toEqual([500, 100]);
  expect(inputs.flatMap(({ Resources }) => Resources)).toContain('snap-299');
  expect(inputs[0]?.Tags).toEqual([{ Key: 'amity:instance-name', Value: 'service-api' }]);
});

it('nothing is tagged with nothing, nor nothing with anything', async () => {
  const mock = mockClient(EC2Client);
  await tag([], { a: 'b' });
  await tag(['ami-1'], {});
  await untag(['ami-1'], []);
  expect(mock.calls()).toEqual([]);
});

it('untag takes keys away, whatever their values', async () => {
  const mock = mockClient(EC2Client);
  mock.on(DeleteTagsCommand).resolves({});
  await untag(['ami-1', 'snap-1'], ['a', 'b']);
  expect(mock.commandCalls(DeleteTagsCommand).map(({ args }) => args[0].input)).toEqual([
    { Resources: ['ami-1', 'snap-1'], Tags: [{ Key: 'a' }, { Key: 'b' }] },
  ]);
});
