import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { TaskTimedOut } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../handlers/bake/run-builder.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { BASE_IMAGE, spec } from '../../support/bake-record.ts';
import { BakeWorld } from '../../support/bake-world.ts';
import { times } from '../../support/calls.ts';
import { stopClock } from '../../support/clock.ts';
import { lambdaContext } from '../../support/events.ts';

stopClock();
const s3 = mockClient(S3Client);
let world: BakeWorld;
let requestKey: string;
beforeEach(() => {
  s3.reset();
  world = new BakeWorld();
  world.hasBaseImage();
  requestKey = world.knows().key;
});

const taskToken = 'AQCEAAAAKgAAAAMAAAAA/t0k3n+=';
const run = (overrides: object = {}) =>
  handler(
    {
      bake: 'bake-1',
      requestKey,
      attempt: 1,
      imageId: BASE_IMAGE,
      validates: false,
      taskToken,
      ...overrides,
    },
    lambdaContext(),
  );
const started = () => world.ec2.mock.commandCalls(RunInstancesCommand).map(({ args }) => args[0].input);
const userData = () => Buffer.from(started()[0]?.UserData ?? '', 'base64').toString();
const id = 'i-0b111de7000000001';

describe('a builder that is started', () => {
  it('is given the token, the region, where to signal, and the user’s script', async () => {
    await run();
    expect(userData()).toContain(`AMITY_TASK_TOKEN='${taskToken}'`);
    expect(userData()).toContain("AMITY_REGION='us-east-1'");
    expect(userData()).toContain('https://states.us-east-1.amazonaws.com');
    expect(userData()).toContain('dnf install -y nginx');
    expect(world.failedTasks).toEqual([]);
  });

  it('has the token kept under its own id, for when it dies', async () => {
    await run();
    expect(world.table.item('waiting', id)).toMatchObject({ id, taskToken, expiresAt: 1_749_211_231 });
  });

  it.each(['stopping', 'stopped', 'shutting-down', 'terminated'] as const)(
    'and is %s before that is told at once: nobody else knows that it was awaited',
    async (Name) => {
      world.calls.before('Put', () => {
        for (const each of world.builders.instances) each.State = { Name };
      });
      await run();
      expect(world.failedTasks).toMatchObject([
        { taskToken, error: 'builder-gone', cause: expect.stringContaining(Name) },
      ]);
    },
  );

  it('is tagged as its bake’s, with its request and a deadline three hours after its time', async () => {
    await run();
    expect(world.builders.tagsOf(id)).toEqual({
      Name: 'amity builder: service-web',
      'amity:builder': 'bake-1',
      'amity:deadline': '2025-06-05T15:10:31.000Z',
      'amity:request-id': 'one',
    });
  });

  it('has disks as they were asked for: the size on the root alone, none outlives it', async () => {
    world.ec2.images.length = 0;
    const other = { DeviceName: '/dev/sdb', Ebs: { VolumeSize: 100, DeleteOnTermination: false } };
    world.hasBaseImage({
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 8 } }, other],
    });
    world.knows({ bake: spec({ volumeSizeGib: 20, encrypted: true, kmsKeyId: 'key' }) });
    await run();
    const encrypted = { DeleteOnTermination: true, Encrypted: true, KmsKeyId: 'key' };
    expect(started()[0]?.BlockDeviceMappings).toEqual([
      { DeviceName: '/dev/xvda', Ebs: { ...encrypted, VolumeSize: 20 } },
      { DeviceName: '/dev/sdb', Ebs: encrypted },
    ]);
  });

  it('reads a script that lies in S3 by itself', async () => {
    const Body = { transformToString: async () => '#!/bin/sh\n' };
    s3.on(GetObjectCommand).resolves({ Body } as never);
    world.knows({ bake: spec({ userData: 's3://amity-user-data/web.sh' }) });
    await run();
    expect(userData()).toContain("'https://amity-user-data.s3.us-east-1.amazonaws.com/web.sh?");
  });
});

describe('a validation', () => {
  it('runs the validating script on the new image, whose disks are as they are', async () => {
    const made = 'ami-00000000000000001';
    world.hasBaseImage({ ImageId: made });
    world.knows({
      bake: spec({ validate: '#!/bin/sh\ncurl -f localhost\n', volumeSizeGib: 20, encrypted: true }),
    });
    await run({ imageId: made, validates: true });
    expect(userData()).toContain('curl -f localhost');
    expect(userData()).not.toContain('dnf install');
    expect(started()).toMatchObject([
      {
        ImageId: made,
        BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { DeleteOnTermination: true } }],
      },
    ]);
    expect(started()[0]?.BlockDeviceMappings?.[0]?.Ebs?.VolumeSize).toBeUndefined();
    expect(started()[0]?.BlockDeviceMappings?.[0]?.Ebs?.Encrypted).toBeUndefined();
  });
});

describe('no builder can be started: the task fails at once', () => {
  const failed = () => world.failedTasks;
  const failure = (error: string, cause: string) => ({
    taskToken,
    error,
    cause: expect.stringContaining(cause),
  });

  it.each([
    ['no room', ec2Error('InsufficientInstanceCapacity'), 'no-capacity'],
    ['a refusal', ec2Error('InvalidParameterValue'), 'ec2-rejected'],
    ['no permission', ec2Error('UnauthorizedOperation'), 'access-denied'],
  ])('%s', async (_, error, code) => {
    world.builders.refusals.set('default', error);
    await run();
    expect(failed()).toEqual([failure(code, error.name)]);
    expect(world.table.found('waiting', '')).toEqual([]);
  });

  it('a script that cannot be read', async () => {
    world.knows({ bake: spec({ userData: 's3://elsewhere/web.sh' }) });
    await run();
    expect(failed()).toEqual([failure('user-data-unreadable', 's3://elsewhere/web.sh')]);
    expect(started()).toEqual([]);
  });

  it('a script that is too long beside ours', async () => {
    world.knows({ bake: spec({ userData: `#!/bin/sh\n#${'x'.repeat(16_000)}\n` }) });
    await run();
    expect(failed()).toEqual([failure('invalid-request', '16384')]);
    expect(started()).toEqual([]);
  });

  it('an image that is gone meanwhile', async () => {
    world.ec2.images.length = 0;
    await run();
    expect(failed()).toEqual([failure('base-image-not-found', BASE_IMAGE)]);
  });

  it('and nobody waits any more: as good', async () => {
    world.builders.refusals.set('default', ec2Error('InvalidParameterValue'));
    const error = new TaskTimedOut({ message: 'over', $metadata: {} });
    world.calls.faults = times(1, 'SendTaskFailure', { when: 'before', how: 'throws', error });
    await run();
    expect(failed()).toEqual([]);
  });
});

describe('what nobody foresaw is a BuilderError', () => {
  it.each(['Get', 'RunInstances', 'Put'])('%s', async (name) => {
    world.calls.faults = times(1, name, { when: 'before', how: 'throws' });
    await expect(run()).rejects.toMatchObject({
      name: 'BuilderError',
      message: expect.stringContaining('socket hang up'),
      cause: expect.any(Error),
    });
    expect(world.failedTasks).toEqual([]);
  });

  it('a request that is no bake', async () => {
    await expect(run({ requestKey: 'request#nobody' })).rejects.toMatchObject({
      name: 'BuilderError',
      message: expect.stringContaining('request#nobody'),
    });
  });
});

it.each([{}, null])('a task that is none: %o', async (task) => {
  await expect(handler(task, lambdaContext())).rejects.toThrow();
});
