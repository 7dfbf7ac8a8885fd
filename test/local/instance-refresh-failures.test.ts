import { CancelInstanceRefreshCommand, RollbackInstanceRefreshCommand } from '@aws-sdk/client-auto-scaling';
import { DeleteLaunchTemplateCommand } from '@aws-sdk/client-ec2';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, it } from 'vitest';
import { Groups, kinds, listen } from './groups.ts';
import { errorOf, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws({ pendingSeconds: 0 });
const groups = new Groups(suite);
const Preferences = { AutoRollback: true };
let images: string[];

beforeEach(async () => {
  await suite.aws.control.groups.setRefreshSeconds(0.4);
  images = await groups.images('old', 'new');
});

/** A group on version 1 of a template whose version 2 has the new image. */
async function createWeb(AutoScalingGroupName: string, DesiredCapacity: number, Version = '1') {
  const LaunchTemplateName = `${AutoScalingGroupName}-template`;
  await groups.template(LaunchTemplateName, ...images);
  await groups.create(AutoScalingGroupName, {
    LaunchTemplate: { LaunchTemplateName, Version },
    DesiredCapacity,
  });
  return (to: string) => ({ DesiredConfiguration: { LaunchTemplate: { LaunchTemplateName, Version: to } } });
}

/** Replaces a quarter of a group, and stands still. */
async function startAndPause(name: string, input: object): Promise<string> {
  const CheckpointPercentages = [25, 100];
  const id = await groups.startRefresh(name, { ...input, Preferences: { CheckpointPercentages } });
  await expect.poll(async () => (await groups.refresh(name)).PercentageComplete, { timeout: 8000 }).toBe(25);
  return id;
}

const cancel = (AutoScalingGroupName: string) =>
  groups.client.send(new CancelInstanceRefreshCommand({ AutoScalingGroupName }));
const rollBack = (AutoScalingGroupName: string) =>
  groups.client.send(new RollbackInstanceRefreshCommand({ AutoScalingGroupName }));

describe('an instance refresh whose instances do not become healthy', () => {
  it('fails, and leaves the group half replaced, on its own version', async () => {
    const read = await listen(suite, 'failed');
    const to = await createWeb('failed', 2);
    await suite.aws.control.groups.failNextRefresh('failed', { reason: 'no answer on port 80', after: 1 });
    await groups.startRefresh('failed', to('2'));
    const failed = await groups.untilStatus('failed', 'Failed');
    expect(failed.StatusReason).toMatch(/^Failed to replace instances: i-[0-9a-f]+: no answer on port 80$/);
    expect(failed.EndTime).toBeInstanceOf(Date);
    expect(failed.RollbackDetails).toBeUndefined();
    const group = await groups.find('failed');
    expect(group.LaunchTemplate?.Version).toBe('1');
    expect(group.Instances?.map((each) => each.HealthStatus)).toEqual(['Healthy', 'Unhealthy']);
    expect(kinds(await read())).toEqual(['Started', 'Failed']);
    await groups.startRefresh('failed', to('2'));
    await groups.untilStatus('failed', 'Successful');
  });

  it('is rolled back, with the instances that the group had before', async () => {
    const read = await listen(suite, 'rolled-back');
    const to = await createWeb('rolled-back', 2);
    await suite.aws.control.groups.failNextRefresh('rolled-*', { after: 1 });
    await groups.startRefresh('rolled-back', { ...to('2'), Preferences });
    await groups.untilStatus('rolled-back', 'RollbackInProgress');
    const back = await groups.untilStatus('rolled-back', 'RollbackSuccessful');
    expect(back.StatusReason).toContain('Failed to replace instances');
    expect(back).toMatchObject({ PercentageComplete: 0, InstancesToUpdate: 2 });
    expect(back.RollbackDetails).toMatchObject({
      RollbackReason: back.StatusReason,
      PercentageCompleteOnRollback: 50,
      InstancesToUpdateOnRollback: 1,
    });
    expect((await groups.find('rolled-back')).LaunchTemplate?.Version).toBe('1');
    expect(await groups.launched('rolled-back')).toEqual(Array(2).fill([images[0], '1']));
    expect(kinds(await read())).toEqual(['Started', 'Rollback Started', 'Rollback Succeeded']);
  });

  it('fails for an image that was never good, until it is', async () => {
    const to = await createWeb('bad', 1);
    await suite.aws.control.groups.setUnhealthyImage(String(images[1]), 'kernel panic');
    const input = { ...to('2'), Preferences: { ...Preferences, MinHealthyPercentage: 100 } };
    await groups.startRefresh('bad', input);
    expect((await groups.untilStatus('bad', 'RollbackSuccessful')).StatusReason).toContain('kernel panic');
    expect(await groups.launched('bad')).toEqual([[images[0], '1']]);
    await suite.aws.control.groups.setUnhealthyImage(String(images[1]), null);
    await groups.startRefresh('bad', input);
    await groups.untilStatus('bad', 'Successful');
  });

  it('cannot be rolled back to what does not launch', async () => {
    const read = await listen(suite, 'stuck');
    const to = await createWeb('stuck', 1);
    await suite.aws.control.groups.setRefreshSeconds(null);
    await groups.startRefresh('stuck', { ...to('2'), Preferences });
    await groups.untilStatus('stuck', 'InProgress');
    const template = new DeleteLaunchTemplateCommand({ LaunchTemplateName: 'stuck-template' });
    await suite.ec2.send(template);
    await suite.aws.control.groups.setRefreshSeconds(0.4);
    const failed = await groups.untilStatus('stuck', 'RollbackFailed');
    expect(failed.StatusReason).toContain('Failed to roll back');
    expect(failed.RollbackDetails?.RollbackReason).toContain('Launching EC2 instance failed.');
    expect(kinds(await read())).toEqual(['Started', 'Rollback Started', 'Rollback Failed']);
  });
});

describe('CancelInstanceRefresh', () => {
  it('ends a refresh where it is', async () => {
    const read = await listen(suite, 'cancelled');
    const to = await createWeb('cancelled', 4);
    const id = await startAndPause('cancelled', to('2'));
    expect((await cancel('cancelled')).InstanceRefreshId).toBe(id);
    expect((await groups.refresh('cancelled')).Status).toBe('Cancelling');
    expect((await errorOf(groups.startRefresh('cancelled'))).name).toBe('InstanceRefreshInProgressFault');
    const cancelled = await groups.untilStatus('cancelled', 'Cancelled');
    expect(cancelled).toMatchObject({
      StatusReason: 'Cancelled due to user request.',
      PercentageComplete: 25,
    });
    const group = await groups.find('cancelled');
    expect(group.LaunchTemplate?.Version).toBe('1');
    expect(group.Instances?.filter((each) => each.LaunchTemplate?.Version === '2')).toHaveLength(1);
    expect(kinds(await read())).toEqual(['Started', 'Checkpoint Reached', 'Cancelled']);
  });

  it('has nothing to end when none is under way', async () => {
    await createWeb('idle', 0);
    expect((await errorOf(cancel('idle'))).name).toBe('ActiveInstanceRefreshNotFoundFault');
    expect((await errorOf(cancel('nobody'))).name).toBe('ValidationError');
  });
});

describe('RollbackInstanceRefresh', () => {
  it('takes back what was replaced', async () => {
    const to = await createWeb('undone', 4);
    const id = await startAndPause('undone', to('2'));
    expect((await rollBack('undone')).InstanceRefreshId).toBe(id);
    expect((await groups.refresh('undone')).Status).toBe('RollbackInProgress');
    await groups.untilStatus('undone', 'RollbackSuccessful');
    expect(await groups.launched('undone')).toEqual(Array(4).fill([images[0], '1']));
    expect((await errorOf(rollBack('undone'))).name).toBe('ActiveInstanceRefreshNotFoundFault');
  });

  it.each([
    ['without a desired configuration', '1', () => ({})],
    ['of a group on $Latest', '$Latest', (to: (version: string) => object) => to('2')],
  ])('is refused %s', async (_, version, input) => {
    const to = await createWeb('refused', 1, version);
    await suite.aws.control.groups.setRefreshSeconds(null);
    await groups.startRefresh('refused', input(to));
    await groups.untilStatus('refused', 'InProgress');
    expect((await errorOf(rollBack('refused'))).name).toBe('IrreversibleInstanceRefreshFault');
  });
});

describe('a template that says resolve:ssm:', () => {
  it('starts the image that the parameter has now', async () => {
    const put = (Value: string | undefined) =>
      new SSMClient(suite.aws.clientConfig).send(
        new PutParameterCommand({ Name: '/images/web', Value, Type: 'String', Overwrite: true }),
      );
    await put(images[0]);
    await groups.template('alias', 'resolve:ssm:/images/web');
    const LaunchTemplate = { LaunchTemplateName: 'alias', Version: '1' };
    await groups.create('alias', { LaunchTemplate, DesiredCapacity: 1 });
    expect(await groups.launched('alias')).toEqual([[images[0], '1']]);
    await put(images[1]);
    await groups.startRefresh('alias');
    await groups.untilStatus('alias', 'Successful');
    expect(await groups.launched('alias')).toEqual([[images[1], '1']]);
  });
});
