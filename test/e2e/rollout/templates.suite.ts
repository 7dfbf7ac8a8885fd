import {
  DeregisterImageCommand,
  DescribeInstancesCommand,
  EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { publishRequest } from '../../../local/story.ts';
import { announced, cardsAbout, envelopes, seen, until, untilSeen } from '../support/flow.ts';
import { session } from '../support/rollout-session.ts';
import {
  addImage,
  availability,
  follow,
  pointerOf,
  putAndSettle,
  release,
  standOf,
  untilPointed,
  untilRolledOut,
  versionsOf,
} from '../support/rollouts.ts';

const SECURITY_GROUPS = ['sg-0123456789abcdef0', 'sg-0fedcba9876543210'];

describe.concurrent('a launch template that follows a name', () => {
  it('gets an image that became available: a new default version, told in full, a card, the pointer', async () => {
    const { control, clientConfig } = session.aws;
    const data = { SecurityGroupIds: SECURITY_GROUPS, UserData: 'IyEvYmluL3NoCg==' };
    const { id, base } = await follow(session, 'service-api', { data });
    const pointed = { name: 'pointed', data: { ImageId: 'resolve:ssm:/amity/images/service-api/latest' } };
    const { id: byItself } = await follow(session, 'service-api', pointed);
    await control.startInstance({ name: 'service-api' });
    await publishRequest(session, { instanceName: 'service-api', requestId: 'build-7' });

    const { imageId } = await untilSeen(session, 'AmiAvailable', 'service-api');
    await untilSeen(session, 'AmiRolledOut', 'service-api');
    const [version, ...before] = await versionsOf(session, id);
    expect(version).toMatchObject({
      version: 2,
      isDefault: true,
      imageId,
      description: `amity: ${imageId}, request build-7, from version 1`,
      data: { ...data, InstanceType: 't3.micro' },
    });
    expect(before).toMatchObject([{ version: 1, isDefault: false, imageId: base }]);
    expect(
      envelopes(session, 'AmiRolledOut').filter(({ detail }) => JSON.stringify(detail).includes(id)),
    ).toMatchObject([{ source: 'amity', account: session.aws.account }]);
    expect(announced(session, 'AmiRolledOut', 'service-api')).toEqual([
      {
        launchTemplateId: id,
        version: 2,
        imageId,
        previousVersion: 1,
        previousImageId: base,
        instanceName: 'service-api',
        requestId: 'build-7',
      },
    ]);
    const cards = () =>
      cardsAbout(session, imageId).filter(({ body }) => body.includes('AMI Has Been Rolled Out.'));
    await until('the card', () => cards()[0]);
    expect(cards()).toHaveLength(1);

    await untilPointed(session, 'service-api', imageId);
    expect(await pointerOf(session, 'service-api')).toMatchObject({
      DataType: 'aws:ec2:image',
      Type: 'String',
    });
    // What names the parameter starts the new image, and no version of it was needed.
    expect(await versionsOf(session, byItself)).toHaveLength(1);
    const ec2 = new EC2Client(clientConfig);
    const run = { LaunchTemplate: { LaunchTemplateId: byItself }, MinCount: 1, MaxCount: 1 };
    const { Instances: [started] = [] } = await ec2.send(new RunInstancesCommand(run));
    const ids = { InstanceIds: [started?.InstanceId ?? ''] };
    const { Reservations: [reservation] = [] } = await ec2.send(new DescribeInstancesCommand(ids));
    expect(reservation?.Instances?.map(({ ImageId }) => ImageId)).toEqual([imageId]);
  });

  it('gets the security groups of its tag, in its network interfaces where it has some', async () => {
    const tags = { 'amity:security-group-ids': SECURITY_GROUPS.join(' ') };
    const plain = await follow(session, 'grouped', {
      tags,
      data: { SecurityGroupIds: ['sg-00000000000000000'] },
    });
    const data = { NetworkInterfaces: [{ DeviceIndex: 0, Groups: ['sg-00000000000000000'] }] };
    const attached = await follow(session, 'grouped', { name: 'grouped-interfaces', tags, data });
    const image = await release(session, 'grouped', 3);
    await untilRolledOut(session, 'grouped', image, 2);
    const [ofPlain] = await versionsOf(session, plain.id);
    expect(ofPlain?.data).toMatchObject({ ImageId: image.imageId, SecurityGroupIds: SECURITY_GROUPS });
    const [ofAttached] = await versionsOf(session, attached.id);
    expect(ofAttached?.data.NetworkInterfaces).toMatchObject([{ DeviceIndex: 0, Groups: SECURITY_GROUPS }]);
  });

  it('with a tag that cannot be read stays as it is, and says so once', async () => {
    const tags = { 'amity:security-group-ids': 'web-servers' };
    const { id, base } = await follow(session, 'unreadable', { tags });
    const image = await release(session, 'unreadable', 3);
    const failed = await untilSeen(session, 'AmiRolloutFailed', 'unreadable');
    expect(failed).toMatchObject({ code: 'invalid-tag', launchTemplateId: id, imageId: image.imageId });
    expect(failed.message).toContain('web-servers');
    await putAndSettle(session, 'unreadable', availability(session, 'unreadable', image));
    expect(announced(session, 'AmiRolloutFailed', 'unreadable')).toHaveLength(1);
    expect(await standOf(session, id)).toEqual({ images: [base], default: 1 });
  });

  it('keeps the newer of two images that become available in the wrong order', async () => {
    const { id, base } = await follow(session, 'disordered');
    const older = await addImage(session, 'disordered', 4, { state: 'pending' });
    const newer = await release(session, 'disordered', 3);
    await untilRolledOut(session, 'disordered', newer);
    await untilPointed(session, 'disordered', newer.imageId);
    await session.aws.control.changeImage(older.imageId, { state: 'available' });
    const late = availability(session, 'disordered', older);
    await putAndSettle(session, 'disordered', late, late);
    expect(await standOf(session, id)).toEqual({ images: [base, newer.imageId], default: 2 });
    expect((await pointerOf(session, 'disordered'))?.Value).toBe(newer.imageId);
    expect(seen(session, 'AmiRolledOut').filter(({ imageId }) => imageId === older.imageId)).toEqual([]);
  });

  it('stays with an image that EC2 has forgotten, when one comes that is older', async () => {
    const { id, base } = await follow(session, 'forgotten');
    const newer = await release(session, 'forgotten', 3);
    await untilRolledOut(session, 'forgotten', newer);
    await untilPointed(session, 'forgotten', newer.imageId);
    const ec2 = new EC2Client(session.aws.clientConfig);
    await ec2.send(new DeregisterImageCommand({ ImageId: newer.imageId }));
    const older = await addImage(session, 'forgotten', 4);
    await putAndSettle(session, 'forgotten', availability(session, 'forgotten', older));
    expect((await pointerOf(session, 'forgotten'))?.Value).toBe(newer.imageId);
    expect(await standOf(session, id)).toEqual({ images: [base, newer.imageId], default: 2 });
  });
});

describe.concurrent('the pointer of a name', () => {
  it('has - for what a parameter may not be called, and stays with the name that had it first', async () => {
    const first = await release(session, 'web server', 3);
    await untilPointed(session, 'web-server', first.imageId);
    await release(session, 'web-server', 2);
    const failed = await untilSeen(session, 'AmiRolloutFailed', 'web-server');
    expect(failed).toMatchObject({ code: 'pointer-clash', parameterName: '/amity/images/web-server/latest' });
    expect((await pointerOf(session, 'web-server'))?.Value).toBe(first.imageId);
  });
});
