import {
  CancelInstanceRefreshCommand,
  DeleteAutoScalingGroupCommand,
  DescribeInstanceRefreshesCommand,
  SetDesiredCapacityCommand,
  SetInstanceProtectionCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { DeregisterImageCommand } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it } from 'vitest';
import { Groups, kinds, listen } from './groups.ts';
import { errorOf, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws({ pendingSeconds: 0 });
const groups = new Groups(suite);
let images: string[];

beforeEach(async () => {
  await suite.aws.control.groups.setRefreshSeconds(0.4);
  images = await groups.images('old', 'new');
});

/** A group on version 1 of a template whose version 2 has the new image. */
async function createWeb(AutoScalingGroupName: string, DesiredCapacity: number) {
  const LaunchTemplateName = `${AutoScalingGroupName}-template`;
  const template = await groups.template(LaunchTemplateName, ...images);
  const LaunchTemplate = { LaunchTemplateName, Version: '1' };
  await groups.create(AutoScalingGroupName, { LaunchTemplate, DesiredCapacity });
  return { ...template, to: (Version: string) => ({ LaunchTemplate: { LaunchTemplateName, Version } }) };
}

describe('an instance refresh', () => {
  it('replaces every instance, and then the group has the desired version', async () => {
    const read = await listen(suite, 'replaced');
    const { to, LaunchTemplateId, LaunchTemplateName } = await createWeb('replaced', 4);
    const before = (await groups.find('replaced')).Instances?.map((each) => each.InstanceId);
    const id = await groups.startRefresh('replaced', { DesiredConfiguration: to('2') });
    const named = { LaunchTemplateId, LaunchTemplateName };
    const pending = await groups.refresh('replaced');
    expect(pending).toMatchObject({ Status: 'Pending', InstanceRefreshId: id, Strategy: 'Rolling' });
    expect(pending.DesiredConfiguration).toEqual({ LaunchTemplate: { ...named, Version: '2' } });
    expect((await groups.find('replaced')).LaunchTemplate).toEqual({ ...named, Version: '1' });
    const done = await groups.untilStatus('replaced', 'Successful');
    expect(done).toMatchObject({ PercentageComplete: 100, InstancesToUpdate: 0 });
    expect(done.EndTime?.getTime()).toBeGreaterThanOrEqual(done.StartTime?.getTime() ?? Infinity);
    const group = await groups.find('replaced');
    expect(group.LaunchTemplate).toEqual({ ...named, Version: '2' });
    expect(group.Instances).toHaveLength(4);
    for (const each of group.Instances ?? []) {
      expect(each).toMatchObject({ LifecycleState: 'InService', HealthStatus: 'Healthy' });
      expect(each.LaunchTemplate).toEqual({ ...named, Version: '2' });
      expect(before).not.toContain(each.InstanceId);
    }
    expect(await groups.launched('replaced')).toEqual(Array(4).fill([images[1], '2']));
    const sent = await read();
    expect(kinds(sent)).toEqual(['Started', 'Succeeded']);
    expect(sent[0]).toMatchObject({ source: 'aws.autoscaling', resources: [group.AutoScalingGroupARN] });
    expect(sent[0]?.detail).toEqual({ InstanceRefreshId: id, AutoScalingGroupName: 'replaced' });
  });

  it('goes instance by instance, or as many at a time as the healthy percentages leave', async () => {
    const { to } = await createWeb('paced', 4);
    await suite.aws.control.groups.setRefreshSeconds(null);
    const progress = async () => {
      const { PercentageComplete, InstancesToUpdate } = await groups.refresh('paced');
      return [PercentageComplete, InstancesToUpdate];
    };
    const versions = async () =>
      (await groups.find('paced')).Instances?.map((each) => each.LaunchTemplate?.Version).sort();
    await groups.startRefresh('paced', {
      DesiredConfiguration: to('2'),
      Preferences: { MinHealthyPercentage: 50 },
    });
    await groups.untilStatus('paced', 'InProgress');
    expect(await progress()).toEqual([0, 4]);
    await suite.aws.control.groups.setRefreshSeconds(1000);
    await expect.poll(versions, { timeout: 8000 }).toEqual(['1', '1', '2', '2']);
    expect((await groups.refresh('paced')).StatusReason).toContain('Waiting for remaining instances');
    await groups.client.send(new CancelInstanceRefreshCommand({ AutoScalingGroupName: 'paced' }));
    expect((await groups.refresh('paced')).Status).toBe('Cancelling');
  });

  it('skips what matches, and is over at once when everything does', async () => {
    const { to } = await createWeb('skipping', 2);
    await groups.startRefresh('skipping', { DesiredConfiguration: to('2') });
    await groups.untilStatus('skipping', 'Successful');
    await groups.client.send(
      new SetDesiredCapacityCommand({ AutoScalingGroupName: 'skipping', DesiredCapacity: 3 }),
    );
    const before = (await groups.find('skipping')).Instances;
    const input = { DesiredConfiguration: to('2'), Preferences: { SkipMatching: true } };
    await groups.startRefresh('skipping', input);
    expect(await groups.untilStatus('skipping', 'Successful')).toMatchObject({ PercentageComplete: 100 });
    expect((await groups.find('skipping')).Instances).toEqual(before);
    await groups.startRefresh('skipping', { Preferences: { SkipMatching: false } });
    await groups.untilStatus('skipping', 'Successful');
    expect((await groups.find('skipping')).Instances).not.toEqual(before);
  });

  it('of a group with mixed instances takes its whole policy, and brings it to the group', async () => {
    await groups.template('mixed-web', ...images);
    const policy = (Version: string, InstanceType: string) => ({
      MixedInstancesPolicy: {
        LaunchTemplate: {
          LaunchTemplateSpecification: { LaunchTemplateName: 'mixed-web', Version },
          Overrides: [{ InstanceType }],
        },
        InstancesDistribution: { OnDemandBaseCapacity: 1 },
      },
    });
    await groups.create('mixed', { ...policy('1', 't3.micro'), DesiredCapacity: 1 });
    const input = { DesiredConfiguration: policy('2', 't3.large'), Preferences: { AutoRollback: true } };
    await groups.startRefresh('mixed', input);
    await groups.untilStatus('mixed', 'Successful');
    const group = await groups.find('mixed');
    expect(group.MixedInstancesPolicy).toMatchObject(policy('2', 't3.large').MixedInstancesPolicy);
    expect(group.Instances).toMatchObject([{ InstanceType: 't3.large', LaunchTemplate: { Version: '2' } }]);
  });

  it('pauses at its checkpoints, all but the last of which are announced', async () => {
    const read = await listen(suite, 'checked');
    const { to } = await createWeb('checked', 4);
    const Preferences = { CheckpointPercentages: [10, 25, 50, 100], CheckpointDelay: 600 };
    await suite.aws.control.groups.setPauseSeconds(0.2);
    await groups.startRefresh('checked', { DesiredConfiguration: to('2'), Preferences });
    await groups.untilStatus('checked', 'Successful');
    const sent = await read();
    expect(kinds(sent)).toEqual(['Started', 'Checkpoint Reached', 'Checkpoint Reached', 'Succeeded']);
    const detail = { AutoScalingGroupName: 'checked', CheckpointPercentage: '25', CheckpointDelay: '600' };
    expect(sent[1]?.detail).toMatchObject(detail);
    expect(sent[2]?.detail).toMatchObject({ CheckpointPercentage: '50' });
  });

  it('ends at its last checkpoint, and waits an hour at one unless told', async () => {
    const { to } = await createWeb('partial', 4);
    const CheckpointPercentages = [50];
    await groups.startRefresh('partial', {
      DesiredConfiguration: to('2'),
      Preferences: { CheckpointPercentages },
    });
    const done = await groups.untilStatus('partial', 'Successful');
    expect(done).toMatchObject({ PercentageComplete: 50, InstancesToUpdate: 2 });
    expect(done.Preferences).toMatchObject({ CheckpointPercentages, CheckpointDelay: 3600 });
    expect((await groups.find('partial')).LaunchTemplate?.Version).toBe('2');
    await groups.startRefresh('partial', { Preferences: { CheckpointPercentages: [25, 100] } });
    await expect
      .poll(async () => (await groups.refresh('partial')).PercentageComplete, { timeout: 8000 })
      .toBe(25);
    expect((await groups.refresh('partial')).Status).toBe('InProgress');
  });

  it('bakes when told', async () => {
    const read = await listen(suite, 'baked');
    const { to } = await createWeb('baked', 1);
    await groups.startRefresh('baked', { DesiredConfiguration: to('2'), Preferences: { BakeTime: 600 } });
    await groups.untilStatus('baked', 'Baking');
    expect((await groups.find('baked')).LaunchTemplate?.Version).toBe('1');
    expect(kinds(await read())).toEqual(['Started', 'Started Baking']);
  });

  it('leaves, replaces or waits for instances that are protected', async () => {
    const { to } = await createWeb('protected', 2);
    const [first] = (await groups.find('protected')).Instances ?? [];
    const InstanceIds = [String(first?.InstanceId)];
    await groups.client.send(
      new SetInstanceProtectionCommand({
        AutoScalingGroupName: 'protected',
        InstanceIds,
        ProtectedFromScaleIn: true,
      }),
    );
    const ids = async () => (await groups.find('protected')).Instances?.map((each) => each.InstanceId);
    const refresh = (ScaleInProtectedInstances?: 'Ignore' | 'Refresh') =>
      groups.startRefresh('protected', {
        DesiredConfiguration: to('2'),
        Preferences: { ScaleInProtectedInstances },
      });
    await refresh();
    expect((await groups.untilStatus('protected', 'Failed')).StatusReason).toContain('is protected');
    await refresh('Ignore');
    await groups.untilStatus('protected', 'Successful');
    expect(await ids()).toContain(InstanceIds[0]);
    await refresh('Refresh');
    await groups.untilStatus('protected', 'Successful');
    expect(await ids()).not.toContain(InstanceIds[0]);
  });

  it('lets the group be scaled, from what is desired, and not be configured', async () => {
    const { to } = await createWeb('scaled', 1);
    await suite.aws.control.groups.setRefreshSeconds(null);
    await groups.startRefresh('scaled', { DesiredConfiguration: to('2') });
    await groups.untilStatus('scaled', 'InProgress');
    const update = (more: object) =>
      groups.client.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'scaled', ...more }));
    expect(await errorOf(update(to('1')))).toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining('An active instance refresh with a desired configuration exists.'),
    });
    await update({ DesiredCapacity: 2 });
    expect((await groups.launched('scaled')).sort()).toEqual(
      [
        [images[0], '1'],
        [images[1], '2'],
      ].sort(),
    );
  });

  it('ends with its group', async () => {
    const { to } = await createWeb('deleted', 1);
    await groups.startRefresh('deleted', { DesiredConfiguration: to('2') });
    const remove = (ForceDelete: boolean) =>
      groups.client.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: 'deleted', ForceDelete }));
    expect((await errorOf(remove(false))).name).toBe('ResourceInUseFault');
    await remove(true);
    expect((await errorOf(groups.refresh('deleted'))).name).toBe('ValidationError');
    await groups.create('deleted', { ...to('1'), DesiredCapacity: 1 });
    await groups.startRefresh('deleted');
    const describe = new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: 'deleted' });
    expect((await groups.client.send(describe)).InstanceRefreshes).toHaveLength(1);
  });

  it('that is not announced happens all the same', async () => {
    const read = await listen(suite, 'silent');
    const { to } = await createWeb('silent', 1);
    await suite.aws.control.groups.sendRefreshEvents(false);
    await groups.startRefresh('silent', { DesiredConfiguration: to('2') });
    await groups.untilStatus('silent', 'Successful');
    expect(await read()).toEqual([]);
  });

  it('starts, and fails, with an image that is gone', async () => {
    const { to } = await createWeb('gone', 1);
    await suite.ec2.send(new DeregisterImageCommand({ ImageId: images[1] }));
    await groups.startRefresh('gone', { DesiredConfiguration: to('2') });
    const failed = await groups.untilStatus('gone', 'Failed');
    expect(failed.StatusReason).toContain(
      `'${images[1]}' is no longer available. Launching EC2 instance failed.`,
    );
  });
});
