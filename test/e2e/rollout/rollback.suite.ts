import { DeregisterImageCommand, EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { cleanUp, fates } from '../support/clean-up.ts';
import { announced, cardsAbout, seen, settle, until, untilSeen } from '../support/flow.ts';
import { session } from '../support/rollout-session.ts';
import {
  addGroup,
  addImage,
  availability,
  follow,
  groupOf,
  pointerOf,
  putAndSettle,
  refreshesOf,
  release,
  rollBack,
  runningOf,
  standOf,
  untilPointed,
  untilRefresh,
  untilRolledOut,
  untilTold,
} from '../support/rollouts.ts';

/** Images of these ages, rolled out one after the other to whatever follows the name, and in its pointer. */
async function rollOut(name: string, ages: readonly number[], templates = 1) {
  const images = [];
  for (const age of ages) {
    const image = await release(session, name, age);
    await untilRolledOut(session, name, image, templates);
    await untilPointed(session, name, image.imageId);
    images.push(image);
  }
  return images.map(({ imageId }) => imageId);
}

const tagsOf = async (imageId: string) =>
  (await session.aws.control.images()).find((image) => image.imageId === imageId)?.tags ?? {};

/** How a rollback of that request id was refused, if it was. */
const refusalOf = (id: string) =>
  until(`the refusal of ${id}`, () =>
    seen(session, 'AmiRolloutFailed').find(({ requestId }) => requestId === id),
  );

describe.concurrent('a rollback', () => {
  it('by name takes back template, pointer and group, once; then only a newer image goes forward', async () => {
    const name = 'wrong-twice';
    const { id, base } = await follow(session, name);
    await addGroup(session, name, { LaunchTemplate: { LaunchTemplateId: id, Version: '1' } });
    const [good = '', bad = ''] = await rollOut(name, [5, 4]);
    // That of the first image may have given way to that of the second.
    await until('the refresh', () =>
      announced(session, 'AmiRolloutSucceeded', name).find(({ version }) => version === 3),
    );
    const request = { instanceName: name, requestId: 'back-1' };
    await rollBack(session, request);
    expect(await untilSeen(session, 'AmiRolledBack', name)).toEqual({
      launchTemplateId: id,
      version: 2,
      imageId: good,
      previousVersion: 3,
      previousImageId: bad,
      instanceName: name,
      requestId: 'back-1',
    });
    expect(await standOf(session, id)).toEqual({ images: [base, good, bad], default: 2 });
    await untilPointed(session, name, good);
    expect(await tagsOf(bad)).toMatchObject({ 'amity:rejected': 'back-1' });
    const back = await until('the refresh back', () =>
      announced(session, 'AmiRolloutSucceeded', name).find(({ requestId }) => requestId === 'back-1'),
    );
    expect(back).toMatchObject({ version: 2, imageId: good, previousVersion: 3, autoScalingGroupName: name });
    expect(await runningOf(session, name)).toEqual(['2']);
    await until('the card', () =>
      cardsAbout(session, 'back-1').find(({ body }) => body.includes('AMI Has Been Rolled Back.')),
    );

    // The same request again; the rejected image again; one between it and the good one.
    const between = await addImage(session, name, 4.5);
    const events = [bad, between.imageId].map((imageId) =>
      availability(session, name, { ...between, imageId }),
    );
    await putAndSettle(session, name, ...events);
    await rollBack(session, request);
    await settle(3);
    expect(await standOf(session, id)).toEqual({ images: [base, good, bad], default: 2 });
    expect((await pointerOf(session, name))?.Value).toBe(good);
    expect(announced(session, 'AmiRolledBack', name)).toHaveLength(1);

    const newer = await release(session, name, 3);
    const [forward] = await untilRolledOut(session, name, newer);
    expect(forward).toMatchObject({ version: 4, previousVersion: 2, previousImageId: good });
    await untilPointed(session, name, newer.imageId);
    expect(await standOf(session, id)).toEqual({ images: [base, good, bad, newer.imageId], default: 4 });
  }, 200_000);

  it('by launch template, to a version that it names, leaves the others of the name', async () => {
    const name = 'of-two';
    const one = await follow(session, name);
    const other = await follow(session, name, { name: 'of-two-other' });
    const [good = '', bad = ''] = await rollOut(name, [5, 4], 2);
    await rollBack(session, { launchTemplateId: one.id, version: 1, requestId: 'back-2' });
    expect(await untilSeen(session, 'AmiRolledBack', name)).toMatchObject({
      launchTemplateId: one.id,
      version: 1,
      imageId: one.base,
      previousVersion: 3,
      requestId: 'back-2',
    });
    expect(await standOf(session, one.id)).toEqual({ images: [one.base, good, bad], default: 1 });
    expect(await standOf(session, other.id)).toEqual({ images: [other.base, good, bad], default: 3 });
    expect(await tagsOf(bad)).toMatchObject({ 'amity:rejected': 'back-2' });
  });

  it('while the refresh to the wrong image runs cancels that, and goes back', async () => {
    const name = 'stopped-halfway';
    const { id } = await follow(session, name);
    const [good = ''] = await rollOut(name, [5]);
    const LaunchTemplate = { LaunchTemplateId: id, Version: '2' };
    await addGroup(session, name, { LaunchTemplate }, { tags: { 'amity:checkpoints': '50' }, size: 2 });
    await rollOut(name, [4]);
    await untilRefresh(session, name, ({ PercentageComplete }) => PercentageComplete === 50);
    expect((await runningOf(session, name)).sort()).toEqual(['2', '3']);
    await rollBack(session, { instanceName: name, requestId: 'back-3' });
    await untilTold(session, 'AmiRolloutSucceeded', name);
    await untilTold(session, 'AmiRolloutFailed', name);
    expect(announced(session, 'AmiRolloutSucceeded', name)).toMatchObject([
      { version: 2, imageId: good, requestId: 'back-3' },
    ]);
    expect(announced(session, 'AmiRolloutFailed', name)).toMatchObject([
      { version: 3, code: 'refresh-cancelled' },
    ]);
    expect((await refreshesOf(session, name)).map(({ Status }) => Status)).toEqual([
      'Successful',
      'Cancelled',
    ]);
    expect(await runningOf(session, name)).toEqual(['2', '2']);
    expect((await groupOf(session, name)).LaunchTemplate?.Version).toBe('2');
  });

  it('of a name that only the pointer follows moves that, and forward again with a newer image', async () => {
    const point = async (age: number) => {
      const { imageId } = await release(session, 'only-pointed', age);
      await untilPointed(session, 'only-pointed', imageId);
      return imageId;
    };
    const [good, bad] = [await point(5), await point(4)];
    // An event's time has whole seconds: asked for in the same one, it would be taken for older.
    await settle(1);
    await rollBack(session, { instanceName: 'only-pointed', requestId: 'back-4' });
    await untilPointed(session, 'only-pointed', good);
    expect(await tagsOf(bad)).toMatchObject({ 'amity:rejected': 'back-4' });
    await point(3);
    expect(announced(session, 'AmiRolloutFailed', 'only-pointed')).toEqual([]);
  });

  it('finds the image before, which retention kept however old it is', async () => {
    const name = 'long-lived';
    const { id } = await follow(session, name);
    const [previous = ''] = await rollOut(name, [40]);
    const unused = await addImage(session, name, 30);
    const young = await addImage(session, name, 3);
    const [newest = ''] = await rollOut(name, [2]);
    const run = await cleanUp(session);
    const kept = new Map([
      // The clean-up of the name, which its newest image set off, may have been the one that did it.
      ...seen(session, 'AmiCleaned').flatMap((each) => [...fates(each)]),
      ...fates(run),
    ]);
    expect(kept.get(previous)).toMatch(new RegExp(`^in use: .*rollback of launch-template/${id}:3`));
    expect(kept.get(unused.imageId)).toBe('deleted');
    const left = (await session.aws.control.images()).map(({ imageId }) => imageId);
    expect([previous, young.imageId, newest].filter((each) => left.includes(each))).toHaveLength(3);
    await rollBack(session, { instanceName: name });
    expect(await untilSeen(session, 'AmiRolledBack', name)).toMatchObject({ version: 2, imageId: previous });
  });

  it('to an image that is gone changes nothing, and says so', async () => {
    const name = 'no-way-back';
    const { id, base } = await follow(session, name);
    const [first = '', second = ''] = await rollOut(name, [5, 4]);
    await new EC2Client(session.aws.clientConfig).send(new DeregisterImageCommand({ ImageId: first }));
    await rollBack(session, { instanceName: name, requestId: 'back-5' });
    expect(await refusalOf('back-5')).toMatchObject({ code: 'image-unusable', launchTemplateId: id });
    expect(await standOf(session, id)).toEqual({ images: [base, first, second], default: 3 });
    expect(await tagsOf(second)).not.toHaveProperty('amity:rejected');
    expect((await pointerOf(session, name))?.Value).toBe(second);
  });
});

describe.concurrent('a rollback is refused, and nothing is changed', () => {
  it.each<[string, object, RegExp]>([
    [
      'without a name or a template',
      { reason: 'r1' },
      /must name either an instanceName or a launchTemplateId/,
    ],
    [
      'of a name and a template',
      { instanceName: 'r2', launchTemplateId: 'lt-0123456789abcdef0' },
      /must name either/,
    ],
    ['to version 0', { instanceName: 'r3', version: 0 }, /version must be at least 1/],
    ['of what is no template', { launchTemplateId: 'web' }, /must be a launch template id, lt-…/],
  ])('%s', async (_, detail, message) => {
    await rollBack(session, detail);
    const failed = await until(`a refusal: ${message}`, () =>
      seen(session, 'AmiRolloutFailed').find(
        (each) => each.code === 'invalid-request' && message.test(each.message),
      ),
    );
    await until('the card', () => cardsAbout(session, failed.message)[0]);
  });

  it('of a name that nothing follows, or a template that follows none', async () => {
    await rollBack(session, { instanceName: 'nobody', requestId: 'refused-1' });
    await rollBack(session, { launchTemplateId: 'lt-0123456789abcdef0', requestId: 'refused-2' });
    for (const id of ['refused-1', 'refused-2'])
      expect(await refusalOf(id)).toMatchObject({ code: 'no-follower' });
  });

  it('of two templates to one version', async () => {
    const ids = [await follow(session, 'pair'), await follow(session, 'pair', { name: 'pair-2' })];
    await rollOut('pair', [5], 2);
    await rollBack(session, { instanceName: 'pair', version: 1, requestId: 'refused-3' });
    expect(await refusalOf('refused-3')).toMatchObject({ code: 'invalid-request' });
    for (const { id } of ids) expect((await standOf(session, id)).default).toBe(2);
  });

  it('of a template that nothing was rolled out to', async () => {
    const { id } = await follow(session, 'untouched');
    await rollBack(session, { launchTemplateId: id, requestId: 'refused-4' });
    expect(await refusalOf('refused-4')).toMatchObject({
      code: 'nothing-to-roll-back',
      launchTemplateId: id,
    });
  });
});
