import { CreateTagsCommand, DeleteTagsCommand, DescribeImagesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../handlers/waiter/check-image.ts';
import { log } from '../../../shared/runtime/log.ts';
import { connectionLost, ec2Error } from '../../support/aws-errors.ts';
import { DAY, MINUTE, stopClock } from '../../support/clock.ts';
import { lambdaContext, NOW } from '../../support/events.ts';
import { image } from '../../support/fake-ec2.ts';

stopClock();
const ec2 = mockClient(EC2Client);
beforeEach(() => ec2.reset());

const imageId = 'ami-00000000000000001';
const check = (waitedMs = MINUTE, validates = false) => {
  const startedAt = new Date(NOW.getTime() - waitedMs).toISOString();
  return handler({ imageId, startedAt, validates }, lambdaContext());
};
const shows = (state: string, reason?: string, tags = {}) =>
  ec2.on(DescribeImagesCommand).resolves({
    Images: [
      {
        ...image({ id: imageId, state, tags }),
        ...(reason && { StateReason: { Code: 'c', Message: reason } }),
      },
    ],
  });

it('asks for one image of this account, disabled or not', async () => {
  shows('pending');
  await check();
  expect(ec2.commandCalls(DescribeImagesCommand).map(({ args }) => args[0].input)).toEqual([
    { Owners: ['self'], ImageIds: [imageId], IncludeDisabled: true },
  ]);
});

it('says what the event needs when the image is available', async () => {
  shows('available');
  expect(await check()).toEqual({
    verdict: 'available',
    createdAt: '2025-01-01T00:00:00.000Z',
    snapshotIds: ['snap-00000000000000001'],
  });
});

it.each([
  ['pending', 'pending', undefined],
  ['transient', 'pending', undefined],
  ['invalid', 'failed', 'image-failed'],
  ['failed', 'failed', 'image-failed'],
  ['error', 'failed', 'image-failed'],
  ['deregistered', 'failed', 'image-deregistered'],
  ['disabled', 'failed', 'image-disabled'],
  ['a-state-of-next-year', 'failed', 'image-failed'],
])('state %s: %s %s', async (state, verdict, code) => {
  shows(state, 'EC2’s own reason');
  const found = await check();
  expect(found).toMatchObject({ verdict, ...(code && { code }) });
  if ('message' in found) expect(found.message).toContain('EC2’s own reason');
});

describe('an image that EC2 does not know', () => {
  it.each(['InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable'])(
    '%s: waited for, some minutes',
    async (name) => {
      ec2.on(DescribeImagesCommand).rejects(ec2Error(name));
      expect(await check()).toEqual({ verdict: 'pending' });
      expect(await check(11 * MINUTE)).toMatchObject({ verdict: 'failed', code: 'image-deregistered' });
    },
  );

  it('in an empty answer: the same', async () => {
    ec2.on(DescribeImagesCommand).resolves({});
    expect(await check()).toEqual({ verdict: 'pending' });
  });
});

it.each([ec2Error('RequestLimitExceeded'), ec2Error('InternalError'), connectionLost()])(
  '%s: looks again later, until the deadline',
  async (error) => {
    ec2.on(DescribeImagesCommand).rejects(error);
    expect(await check()).toEqual({ verdict: 'pending' });
    expect(await check(DAY)).toMatchObject({ verdict: 'failed', code: 'timeout' });
  },
);

it.each(['UnauthorizedOperation', 'AuthFailure', 'InvalidParameterValue'])(
  '%s: thrown, by its name',
  async (name) => {
    ec2.on(DescribeImagesCommand).rejects(ec2Error(name));
    await expect(check()).rejects.toMatchObject({ name });
  },
);

it('the deadline: failed while pending, never when available', async () => {
  shows('pending');
  expect(await check(DAY)).toMatchObject({ verdict: 'failed', code: 'timeout' });
  shows('available');
  expect(await check(2 * DAY)).toMatchObject({ verdict: 'available' });
});

it('the deadline: logs the code that the alarm counts, and nothing of an image that still waits', async () => {
  const warn = vi.spyOn(log, 'warn');
  shows('pending');
  await check();
  expect(warn).not.toHaveBeenCalled();
  await check(DAY);
  expect(warn.mock.calls).toEqual([[expect.any(String), { code: 'timeout', imageId }]]);
});

describe('an image that is given up while EC2 still makes it', () => {
  const tagged = () => ec2.commandCalls(CreateTagsCommand).map(({ args }) => args[0].input);

  it('says so itself, for retention to find it', async () => {
    shows('pending');
    await check(DAY);
    expect(tagged()).toEqual([{ Resources: [imageId], Tags: [{ Key: 'amity:failed', Value: 'timeout' }] }]);
  });

  it.each([
    ['that still waits', 'pending', MINUTE],
    ['that EC2 gave up itself', 'failed', DAY],
    ['that is there after all', 'available', DAY],
  ])('not one %s', async (_, state, waited) => {
    shows(state);
    await check(waited);
    expect(tagged()).toEqual([]);
    expect(ec2.commandCalls(DeleteTagsCommand)).toEqual([]);
  });

  it('is given up even where it cannot be tagged', async () => {
    shows('pending');
    ec2.on(CreateTagsCommand).rejects(ec2Error('UnauthorizedOperation'));
    expect(await check(DAY)).toMatchObject({ verdict: 'failed', code: 'timeout' });
  });

  it('loses the mark when another attempt has waited for it', async () => {
    shows('available', undefined, { 'amity:failed': 'timeout' });
    expect(await check()).toMatchObject({ verdict: 'available' });
    expect(ec2.commandCalls(DeleteTagsCommand).map(({ args }) => args[0].input)).toEqual([
      { Resources: [imageId], Tags: [{ Key: 'amity:failed' }] },
    ]);
  });

  it('is looked at again when its mark cannot be taken away: marked, it is nobody’s newest', async () => {
    shows('available', undefined, { 'amity:failed': 'timeout' });
    ec2.on(DeleteTagsCommand).rejects(ec2Error('RequestLimitExceeded'));
    expect(await check()).toEqual({ verdict: 'pending' });
  });
});

describe('an image that is still to be validated', () => {
  const mark = { 'amity:failed': 'not-validated' };

  it.each([
    ['available', MINUTE],
    ['available', 2 * DAY],
    ['pending', MINUTE],
  ])('%s: keeps its mark until it has been', async (state, waited) => {
    shows(state, undefined, mark);
    expect(await check(waited, true)).toMatchObject({ verdict: state });
    expect(ec2.commandCalls(DeleteTagsCommand)).toEqual([]);
    expect(ec2.commandCalls(CreateTagsCommand)).toEqual([]);
  });

  it('is marked again, where an earlier attempt had given it up', async () => {
    shows('available', undefined, { 'amity:failed': 'timeout' });
    expect(await check(MINUTE, true)).toMatchObject({ verdict: 'available' });
    expect(ec2.commandCalls(CreateTagsCommand).map(({ args }) => args[0].input.Tags)).toEqual([
      [{ Key: 'amity:failed', Value: 'not-validated' }],
    ]);
  });

  it('says that it was given up, where it never became available', async () => {
    shows('pending', undefined, mark);
    await check(DAY);
    expect(ec2.commandCalls(CreateTagsCommand).map(({ args }) => args[0].input.Tags)).toEqual([
      [{ Key: 'amity:failed', Value: 'timeout' }],
    ]);
  });
});

it.each([{}, { imageId }, { imageId, startedAt: 'yesterday' }, null])(
  'a question that is none: %o',
  async (question) => {
    await expect(handler(question, lambdaContext())).rejects.toThrow();
  },
);
