import { DescribeImagesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { session } from '../support/bake-session.ts';
import {
  bakeOf,
  buildersOf,
  endsOf,
  example,
  letGo,
  NOTHING,
  requestBake,
  untilBegun,
  untilBuilder,
  untilEnd,
  untilGone,
  WAITS,
} from '../support/bakes.ts';
import { announced, cardsAbout, imagesOf, until, untilSeen } from '../support/flow.ts';
import { linesOf } from '../support/logs.ts';
import { resourcesOf } from '../support/roles.ts';

const allow = async (script: string) => {
  await session.aws.control.builders.allow(script);
  return script;
};

describe.concurrent('a script', () => {
  it('that does not end is given up in time, with what the console showed', async () => {
    await requestBake(session, 'endless', { userData: WAITS, timeoutMinutes: 1 });
    expect(await untilEnd(session, 'endless', 150)).toMatchObject({
      code: 'builder-timeout',
      stage: 'provision',
      message: expect.stringContaining('1 minutes'),
      output: expect.stringContaining('the script has begun'),
    });
    expect((await buildersOf(session, 'endless')).map(({ state }) => state)).toEqual(['terminated']);
    expect(await imagesOf(session, 'endless')).toEqual([]);
  }, 200_000);

  it('that fails is told with its last lines, and its console is kept in the log', async () => {
    const lines = Array.from(
      { length: 80 },
      (_, number) => `echo "line ${number}: ä \\"quoted\\" \\\\ $((7*7))"`,
    );
    const userData = await allow(`#!/bin/sh\n${lines.join('\n')}\nexit 7\n`);
    await requestBake(session, 'broken', { userData });
    const failed = await untilSeen(session, 'AmiFailed', 'broken', 100);
    expect(failed).toMatchObject({
      requestId: 'broken',
      code: 'script-failed',
      stage: 'provision',
      attempt: 1,
    });
    expect(failed.message).toContain('exit code 7');
    expect(failed.output?.trimEnd().split('\n').at(-1)).toBe('line 79: ä "quoted" \\ 49');
    // The builder is gone before anyone is told.
    expect((await buildersOf(session, 'broken')).map(({ state }) => state)).toEqual(['terminated']);
    await untilGone(session, bakeOf(session, 'broken'));
    await until('the card', () => cardsAbout(session, 'line 79')[0]);
    const { BakeTearDownLogs = '' } = await resourcesOf(session, 'AWS::Logs::LogGroup');
    const kept = await linesOf(session, BakeTearDownLogs);
    expect(kept.filter((line) => line.includes('line 0: ') && line.includes('line 79: '))).not.toEqual([]);
    expect(announced(session, 'AmiCreated', 'broken')).toEqual([]);
  });

  it('of the examples that is to fail does so', async () => {
    await requestBake(session, 'example-broken', { userData: example('broken.sh') });
    expect(await untilEnd(session, 'example-broken')).toMatchObject({
      code: 'script-failed',
      output: expect.stringContaining('No match for argument: no-such-package'),
    });
  });

  it('can signal its failure itself, in its own words', async () => {
    const userData = await allow(`#!/bin/sh
curl -fs --aws-sigv4 "aws:amz:$AMITY_REGION:states" -u "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \\
  -H "X-Amz-Security-Token: $AWS_SESSION_TOKEN" -H 'X-Amz-Target: AWSStepFunctions.SendTaskFailure' \\
  -H 'Content-Type: application/x-amz-json-1.0' "$AWS_ENDPOINT_URL" \\
  -d "{\\"taskToken\\":\\"$AMITY_TASK_TOKEN\\",\\"error\\":\\"NoLicence\\",\\"cause\\":\\"the licence server is down\\"}"
sleep 60
`);
    await requestBake(session, 'signals', { userData });
    expect(await untilEnd(session, 'signals')).toMatchObject({
      code: 'script-failed',
      stage: 'provision',
      message: expect.stringMatching(/NoLicence.*the licence server is down/),
    });
    await untilGone(session, bakeOf(session, 'signals'));
  });

  it('can be a #cloud-config', async () => {
    const userData = await allow('#cloud-config\npackages: [nginx]\n');
    await requestBake(session, 'cloud-config', { userData });
    expect(await untilEnd(session, 'cloud-config')).toHaveProperty('imageId');
    expect(announced(session, 'AmiAvailable', 'cloud-config')).toHaveLength(1);
  });
});

describe.concurrent('a validation', () => {
  const snapshots = async (imageId: string) =>
    (await session.aws.control.calls({ service: 'ec2', action: 'DeregisterImage' })).filter(
      ({ params }) => params.ImageId === imageId,
    );

  it('is waited for: only then is the image announced, and anybody’s newest', async () => {
    await requestBake(session, 'valid', { userData: NOTHING, validate: WAITS });
    const { imageId, attempt } = await untilSeen(session, 'AmiCreated', 'valid', 100);
    const { instanceId } = await untilBuilder(session, 'valid', 1);
    const { root } = await untilBegun(session, instanceId);
    expect(endsOf(session, 'valid')).toEqual([]);
    const ec2 = new EC2Client(session.aws.clientConfig);
    const marks = async () => {
      const { Images = [] } = await ec2.send(new DescribeImagesCommand({ ImageIds: [imageId] }));
      return Images[0]?.Tags?.filter(({ Key }) => Key === 'amity:failed').map(({ Value }) => Value);
    };
    expect(await marks()).toEqual(['not-validated']);
    await letGo(root);
    expect(await untilSeen(session, 'AmiAvailable', 'valid', 100)).toMatchObject({ imageId });
    expect(await marks()).toEqual([]);
    const states = (await buildersOf(session, 'valid')).map(({ state }) => state);
    expect(states).toEqual(['terminated', 'terminated']);
    await untilGone(session, bakeOf(session, 'valid'), `${imageId}-${attempt}-validate`);
  });

  it('of the examples passes, on what the builder has left', async () => {
    const more = { validate: example('web-validate.sh') };
    await requestBake(session, 'valid-web', more);
    expect(await untilEnd(session, 'valid-web')).toHaveProperty('snapshotIds');
  });

  it.each([
    ['that fails', 'unfit', '#!/bin/sh\necho "nginx does not start"\nexit 3\n', 10, 'validation-failed'],
    ['that does not end', 'undecided', WAITS, 1, 'builder-timeout'],
  ])(
    '%s takes the image away, with its snapshots, unannounced',
    async (_, name, script, timeoutMinutes, code) => {
      const validate = await allow(script);
      await requestBake(session, name, { userData: NOTHING, validate, timeoutMinutes });
      const { imageId } = await untilSeen(session, 'AmiCreated', name, 100);
      const failed = await untilSeen(session, 'AmiFailed', name, 150);
      expect(failed).toMatchObject({ code, stage: 'validate', imageId, requestId: name });
      expect(failed.output).toContain(code === 'validation-failed' ? 'nginx does not start' : 'has begun');
      expect(await imagesOf(session, name)).toEqual([]);
      expect(await snapshots(imageId)).toMatchObject([
        { params: { DeleteAssociatedSnapshots: 'true' }, status: 200 },
      ]);
      expect(announced(session, 'AmiAvailable', name)).toEqual([]);
      await until('the card', () => cardsAbout(session, imageId)[0]);
    },
    240_000,
  );
});
