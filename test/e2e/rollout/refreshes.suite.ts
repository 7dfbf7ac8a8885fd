import {
  CancelInstanceRefreshCommand,
  DeleteAutoScalingGroupCommand,
  type InstanceRefresh,
  StartInstanceRefreshCommand,
} from '@aws-sdk/client-auto-scaling';
import { describe, expect, it } from 'vitest';
import { announced, settle } from '../support/flow.ts';
import { session } from '../support/rollout-session.ts';
import {
  addGroup,
  addImage,
  autoScaling,
  availability,
  follow,
  groupOf,
  putAndSettle,
  refreshesOf,
  release,
  runningOf,
  standOf,
  untilRefresh,
  untilRolledOut,
  untilTold,
} from '../support/rollouts.ts';

const REASON = 'the health check of the load balancer failed';

/** A group of two on the first version of a template that follows its name, halfway to a refresh where it has checkpoints. */
async function stage(name: string, { checkpoints = '', Version = '1' } = {}) {
  const template = await follow(session, name);
  const LaunchTemplate = { LaunchTemplateId: template.id, Version };
  const tags = checkpoints ? { 'amity:checkpoints': checkpoints } : {};
  await addGroup(session, name, { LaunchTemplate }, { tags, size: 2 });
  return template;
}

const isHalfway = ({ PercentageComplete }: InstanceRefresh) => PercentageComplete === 50;

describe.concurrent('a refresh', () => {
  it.each<[string, (name: string) => Promise<unknown>]>([
    [
      'whose instances',
      (name) => session.aws.control.groups.failNextRefresh(name, { reason: REASON, after: 1 }),
    ],
    ['whose image', async () => undefined],
  ])('%s never become healthy leaves the group on what it was, and says why', async (what, doom) => {
    const name = what.replace('whose ', 'sick-');
    const { id } = await stage(name, { Version: '$Default' });
    await doom(name);
    const image = await addImage(session, name, 3);
    if (name === 'sick-image') await session.aws.control.groups.setUnhealthyImage(image.imageId, REASON);
    await putAndSettle(session, name, availability(session, name, image));
    await untilTold(session, 'AmiRolloutFailed', name);
    expect(announced(session, 'AmiRolloutFailed', name)).toMatchObject([
      {
        code: 'refresh-rolled-back',
        message: expect.stringContaining(REASON),
        autoScalingGroupName: name,
        launchTemplateId: id,
        version: 2,
        imageId: image.imageId,
        previousVersion: 1,
      },
    ]);
    expect((await groupOf(session, name)).LaunchTemplate?.Version).toBe('1');
    expect(await runningOf(session, name)).toEqual(['1', '1']);
    // The same event again does not try the same again: a rollback, or a newer image, is for somebody to ask for.
    await putAndSettle(session, name, availability(session, name, image));
    expect(await refreshesOf(session, name)).toHaveLength(1);
    expect(announced(session, 'AmiRolloutSucceeded', name)).toEqual([]);
  });

  it("that somebody else began is waited for; then the newest image's begins, and no other", async () => {
    const { id, base } = await stage('shared');
    const Preferences = { CheckpointPercentages: [50, 100] };
    const AutoScalingGroupName = 'shared';
    await autoScaling(session).send(new StartInstanceRefreshCommand({ AutoScalingGroupName, Preferences }));
    await untilRefresh(session, 'shared', isHalfway);
    const first = await release(session, 'shared', 4);
    await untilRolledOut(session, 'shared', first);
    const second = await release(session, 'shared', 3);
    await untilRolledOut(session, 'shared', second);
    await settle(3);
    expect(await refreshesOf(session, 'shared')).toHaveLength(1);
    await autoScaling(session).send(new CancelInstanceRefreshCommand({ AutoScalingGroupName }));
    await untilTold(session, 'AmiRolloutSucceeded', 'shared');
    await settle(3);
    expect(announced(session, 'AmiRolloutSucceeded', 'shared')).toMatchObject([
      { version: 3, imageId: second.imageId },
    ]);
    const refreshes = await refreshesOf(session, 'shared');
    expect(refreshes.map(({ Status }) => Status)).toEqual(['Successful', 'Cancelled']);
    expect(announced(session, 'AmiRolloutFailed', 'shared')).toEqual([]);
    expect(await runningOf(session, 'shared')).toEqual(['3', '3']);
    expect(await standOf(session, id)).toEqual({ images: [base, first.imageId, second.imageId], default: 3 });
  });

  it("of an image is waited for by that of a newer one, though the group's configuration is locked", async () => {
    await stage('chain', { checkpoints: '50', Version: '$Default' });
    const first = await release(session, 'chain', 4);
    await untilRefresh(session, 'chain', isHalfway);
    const second = await release(session, 'chain', 3);
    await untilRolledOut(session, 'chain', second);
    await autoScaling(session).send(new CancelInstanceRefreshCommand({ AutoScalingGroupName: 'chain' }));
    const { DesiredConfiguration } = await untilRefresh(session, 'chain', (each) =>
      ['Pending', 'InProgress'].includes(String(each.Status)),
    );
    expect(DesiredConfiguration?.LaunchTemplate?.Version).toBe('3');
    await untilTold(session, 'AmiRolloutFailed', 'chain');
    expect(announced(session, 'AmiRolloutFailed', 'chain')).toMatchObject([
      { code: 'refresh-cancelled', version: 2, imageId: first.imageId },
    ]);
  });

  it('of a group that is deleted meanwhile ends, and says so', async () => {
    await stage('short-lived', { checkpoints: '50' });
    await release(session, 'short-lived', 3);
    await untilRefresh(session, 'short-lived', isHalfway);
    const gone = { AutoScalingGroupName: 'short-lived', ForceDelete: true };
    await autoScaling(session).send(new DeleteAutoScalingGroupCommand(gone));
    await untilTold(session, 'AmiRolloutFailed', 'short-lived');
    expect(announced(session, 'AmiRolloutFailed', 'short-lived')).toMatchObject([
      { code: 'group-gone', autoScalingGroupName: 'short-lived' },
    ]);
  });

  it('is followed by looking again, where Auto Scaling announces nothing', async () => {
    await session.aws.control.groups.sendRefreshEvents(false);
    try {
      await stage('unheard');
      await release(session, 'unheard', 3);
      await untilTold(session, 'AmiRolloutSucceeded', 'unheard');
    } finally {
      await session.aws.control.groups.sendRefreshEvents(true);
    }
    expect(await runningOf(session, 'unheard')).toEqual(['2', '2']);
  });
});
