import {
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  type Tag as Ec2Tag,
} from '@aws-sdk/client-ec2';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { postBake } from '../../../local/story.ts';
import { PROFILE, SCRIPTS, session, subnets } from '../support/bake-session.ts';
import {
  ARM_IMAGE,
  BASE_IMAGE,
  bakeOf,
  bakeRequest,
  buildersOf,
  endsOf,
  filesIn,
  NOTHING,
  PUBLIC_BASE,
  requestBake,
  startsOf,
  untilEnd,
  untilGone,
  WEB,
} from '../support/bakes.ts';
import { announced, cardsAbout, envelopes, imagesOf, settle, until, untilSeen } from '../support/flow.ts';
import { put } from '../support/put.ts';

const asRecord = (tags: Ec2Tag[] = []) => Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));

/** The user data of a builder, as EC2 got it. */
async function userDataOf(name: string): Promise<string> {
  const [start] = await startsOf(session, name);
  return Buffer.from(String(start?.params.UserData), 'base64').toString();
}

describe.concurrent('a bake that is asked for', () => {
  it('by POST ends in an image with all that was asked for, announced, and a card', async () => {
    const body = {
      name: 'service-web',
      base_image: PUBLIC_BASE,
      user_data: WEB,
      instance_type: 't3.medium',
      subnet_id: subnets[1],
      volume_size_gib: 12,
      encrypted: true,
      tags: { team: 'web' },
      reason: 'Nightly',
      retention_days: 30,
    };
    const post = (more: object = {}) =>
      postBake(session, { ...body, ...more }, { 'idempotency-key': 'web-1' });
    const [answer, again] = await Promise.all([post(), post()]);
    expect([answer.status, again.status]).toEqual([202, 202]);
    const told = (await answer.json()) as { requests: { request_id: string }[] };
    expect(await again.json()).toEqual(told);
    expect(told).toEqual({
      requests: [{ request_id: expect.any(String), instance_name: 'service-web' }],
    });
    const requestId = told.requests[0]?.request_id;
    expect((await post({ reason: 'Other' })).status).toBe(409);

    const image = await untilSeen(session, 'AmiAvailable', 'service-web', 100);
    expect(image).toMatchObject({ requestId, attempt: 1, baseImageId: BASE_IMAGE, reason: 'Nightly' });
    expect(image.imageName).toMatch(/^service-web-Nightly-\d{4}-\d{2}-\d{2}_\d{2}_\d{2}$/);
    expect(await untilSeen(session, 'AmiCreated', 'service-web')).toMatchObject({
      requestId,
      imageId: image.imageId,
      baseImageId: BASE_IMAGE,
    });
    const tags = {
      Name: image.imageName,
      Reason: 'Nightly',
      team: 'web',
      'amity:instance-name': 'service-web',
      'amity:request-id': requestId,
      'amity:base-image': BASE_IMAGE,
      'amity:retention-days': '30',
    };
    const ec2 = new EC2Client(session.aws.clientConfig);
    const { Images = [] } = await ec2.send(new DescribeImagesCommand({ ImageIds: [image.imageId] }));
    const { Snapshots = [] } = await ec2.send(
      new DescribeSnapshotsCommand({ SnapshotIds: image.snapshotIds }),
    );
    expect(Images.map(({ Tags }) => asRecord(Tags))).toEqual([tags]);
    expect(Snapshots.map(({ Tags }) => asRecord(Tags))).toEqual([tags]);
    expect(Snapshots).toMatchObject([{ Encrypted: true, VolumeSize: 12 }]);
    await until('the card', () => cardsAbout(session, image.imageId)[0]);
    const [start, ...more] = await startsOf(session, 'service-web');
    expect(more).toEqual([]);
    expect(start?.params).toMatchObject({
      InstanceType: 't3.medium',
      SubnetId: subnets[1],
      ImageId: BASE_IMAGE,
    });
  });

  it('by an event has a builder that nobody reaches, of which nothing stays', async () => {
    await requestBake(session, 'event-web');
    const image = await untilSeen(session, 'AmiAvailable', 'event-web', 100);
    expect(image).toMatchObject({ requestId: 'event-web', baseImageId: BASE_IMAGE, reason: 'Deploy' });
    await untilGone(session, bakeOf(session, 'event-web'));

    const [builder] = await buildersOf(session, 'event-web');
    expect(builder).toMatchObject({ instanceId: image.instanceId, state: 'terminated', volumeIds: [] });
    const [{ params } = { params: {} as Record<string, unknown> }] = await startsOf(session, 'event-web');
    expect(params).toMatchObject({
      SubnetId: subnets[0],
      'MetadataOptions.HttpTokens': 'required',
      InstanceInitiatedShutdownBehavior: 'terminate',
    });
    expect(params).not.toHaveProperty('KeyName');
    const kinds = [1, 2, 3].map((position) => params[`TagSpecification.${position}.ResourceType`]);
    expect(kinds).toEqual(['instance', 'volume', 'network-interface']);
    const tags = [1, 2, 3, 4].map((position) => params[`TagSpecification.1.Tag.${position}.Key`]);
    expect(tags).toEqual(['Name', 'amity:builder', 'amity:deadline', 'amity:request-id']);
    const calls = await session.aws.control.calls({ service: 'ec2' });
    expect(calls.filter(({ action }) => action.startsWith('AuthorizeSecurityGroup'))).toEqual([]);
    const groups = calls.filter(({ params: { GroupName } }) =>
      String(GroupName).endsWith(bakeOf(session, 'event-web')),
    );
    expect(groups).toHaveLength(1);
  });

  it('leaves in the image neither its token nor its user data, nor what makes a machine that one', async () => {
    await requestBake(session, 'clean-web');
    const { instanceId } = await untilSeen(session, 'AmiAvailable', 'clean-web', 100);
    const files = await filesIn(await session.aws.control.builders.root(instanceId));
    const token = /AMITY_TASK_TOKEN='(?<token>[^']+)'/.exec(await userDataOf('clean-web'))?.groups?.token;
    expect(token).toMatch(/.{8}/);
    for (const secret of [String(token), 'set -euo pipefail', 'AMITY_USER_DATA']) {
      expect([...files].filter(([, text]) => text.includes(secret)).map(([name]) => name)).toEqual([]);
    }
    expect(files.get('/etc/motd')).toContain('baked by Amity');
    expect(files.get('/etc/machine-id')).toBe('');
    const paths = [...files.keys()];
    expect(paths.filter((name) => /ssh_host_|var\/(lib\/(amity|cloud)|log\/cloud-init)/.test(name))).toEqual(
      [],
    );
  });

  it('with a script in S3, and under a listed profile, is baked as well', async () => {
    const script = `${NOTHING}${'# a long script\n'.repeat(1_200)}`;
    await session.aws.control.builders.allow(script);
    const s3 = new S3Client({ ...session.aws.clientConfig, forcePathStyle: true });
    await s3.send(new PutObjectCommand({ Bucket: SCRIPTS, Key: 'long.sh', Body: script }));
    await requestBake(session, 'of-s3', { userData: `s3://${SCRIPTS}/long.sh`, instanceProfile: PROFILE });
    await untilSeen(session, 'AmiAvailable', 'of-s3', 100);
    const [start] = await startsOf(session, 'of-s3');
    expect(start?.params['IamInstanceProfile.Name']).toBe(PROFILE);
  });

  it('five times at once and again later, by the same request id, has one builder and one image', async () => {
    const same = bakeRequest('five');
    await Promise.all(Array.from({ length: 5 }, () => put(session, same)));
    await untilSeen(session, 'AmiAvailable', 'five', 100);
    await put(session, same, same);
    await settle(2);
    expect(await startsOf(session, 'five')).toHaveLength(1);
    expect(await buildersOf(session, 'five')).toHaveLength(1);
    expect(await imagesOf(session, 'five')).toHaveLength(1);
    expect(endsOf(session, 'five')).toHaveLength(1);
    expect(announced(session, 'AmiCreated', 'five')).toHaveLength(1);
  });
});

describe.concurrent('POST /prod/bake-ami refuses', () => {
  const good = { name: 'refused', base_image: BASE_IMAGE, user_data: WEB };
  it.each<[string, unknown, string[]]>([
    ['an empty object', {}, ['/base_image', '/name', '/user_data']],
    [
      'every wrong field',
      {
        ...good,
        base_image: 'ubuntu',
        user_data: 'echo hello',
        subnet_id: 'here',
        timeout_minutes: 0,
        tags: { Name: 'mine' },
        dry_run: true,
      },
      ['/base_image', '/dry_run', '/subnet_id', '/tags/Name', '/timeout_minutes', '/user_data'],
    ],
    ['names as an event has them', { ...good, instanceType: 't3.small' }, ['/instanceType']],
    [
      'user data that is too long',
      { ...good, user_data: `#!/bin/sh\n${'#'.repeat(12_288)}` },
      ['/user_data'],
    ],
    ['a profile that is not listed', { ...good, instance_profile: 'admin' }, ['/instance_profile']],
    ['a key that is not listed', { ...good, encrypted: true, kms_key_id: 'alias/other' }, ['/kms_key_id']],
    ['a key where nothing is encrypted', { ...good, kms_key_id: 'alias/other' }, ['/kms_key_id']],
  ])('%s', async (_, body, pointers) => {
    const answer = await postBake(session, body);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    const { errors } = (await answer.json()) as { errors: { pointer: string; detail: string }[] };
    expect([...new Set(errors.map(({ pointer }) => pointer))].sort()).toEqual(pointers);
    expect(errors.every(({ detail }) => detail.length > 10)).toBe(true);
  });

  it('whoever does not sign, and puts nothing of all this on the bus', async () => {
    const answer = await fetch(session.bakeUrl, { method: 'POST', body: JSON.stringify(good) });
    expect(answer.status).toBe(403);
    await settle(2);
    const asked = envelopes(session, 'AmiBakeRequested').filter(({ detail }) =>
      JSON.stringify(detail).includes('"refused"'),
    );
    expect(asked).toEqual([]);
  });
});

describe.concurrent('a bake is refused before anything is started', () => {
  it.each<[string, () => Promise<object>, object]>([
    [
      'an image that is not there',
      async () => ({ baseImage: 'ami-00000000000000000' }),
      { code: 'base-image-not-found', stage: 'base-image' },
    ],
    [
      'a parameter that is not there',
      async () => ({ baseImage: 'resolve:ssm:/aws/service/amity-test/none' }),
      { code: 'base-image-not-found', stage: 'base-image' },
    ],
    [
      'a parameter that holds something else',
      async () => {
        const parameter = { Name: '/amity-test/password', Value: 'hunter2', Type: 'String' } as const;
        await new SSMClient(session.aws.clientConfig).send(new PutParameterCommand(parameter));
        return { baseImage: `resolve:ssm:${parameter.Name}` };
      },
      // What that is, is nobody's business.
      { code: 'base-image-not-found', message: expect.not.stringContaining('hunter2') },
    ],
    [
      'an image of an owner who is not listed',
      async () => {
        const foreign = { name: 'foreign', ownerId: '777788889999', public: true };
        const { imageId } = await session.aws.control.addImage(foreign);
        return { baseImage: imageId };
      },
      { code: 'base-image-refused', stage: 'base-image', message: expect.stringContaining('777788889999') },
    ],
    [
      'an image for another architecture',
      async () => ({ baseImage: ARM_IMAGE }),
      { code: 'architecture-mismatch', stage: 'base-image', message: expect.stringContaining('arm64') },
    ],
    [
      'a script that is not there',
      async () => ({ userData: `s3://${SCRIPTS}/none.sh` }),
      { code: 'user-data-unreadable', stage: 'provision' },
    ],
    ['a profile that is not listed', async () => ({ instanceProfile: 'admin' }), { code: 'invalid-request' }],
  ])('%s', async (what, more, failure) => {
    const name = what.replaceAll(' ', '-');
    await requestBake(session, name, await more());
    expect(await untilEnd(session, name)).toMatchObject({ requestId: name, attempt: 1, ...failure });
    expect(await startsOf(session, name)).toEqual([]);
    await until('the card', () => cardsAbout(session, name)[0]);
  });
});
