import type { MixedInstancesPolicy } from '@aws-sdk/client-auto-scaling';
import { CreateLaunchTemplateVersionCommand, EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { announced, cardsAbout, settle, until, untilSeen } from '../support/flow.ts';
import { ROLE } from '../support/quick.ts';
import { OTHER_ROLE, session } from '../support/rollout-session.ts';
import {
  addGroup,
  follow,
  groupOf,
  refreshesOf,
  release,
  runningOf,
  standOf,
  untilRefresh,
  untilRolledOut,
  untilTold,
} from '../support/rollouts.ts';

/** The calls that changed a group, or the launch template behind it, in their order. */
async function changesOf(group: string, templateId: string): Promise<string[]> {
  const calls = await session.aws.control.calls();
  return calls
    .filter(({ params }) => params.AutoScalingGroupName === group || params.LaunchTemplateId === templateId)
    .map(({ action }) => action)
    .filter((action) => /^(Update|Start|Modify)/.test(action));
}

const asked = async (group: string) => {
  const calls = await session.aws.control.calls({ service: 'autoscaling', action: 'StartInstanceRefresh' });
  return calls.filter(({ params }) => params.AutoScalingGroupName === group);
};

describe.concurrent('a group of a launch template that was rolled out', () => {
  it('is refreshed to the number of its version, to the end; one without the tag is not touched', async () => {
    const { id, base } = await follow(session, 'shop');
    const LaunchTemplate = { LaunchTemplateId: id, Version: '1' };
    await addGroup(session, 'shop', { LaunchTemplate }, { size: 2 });
    await addGroup(session, 'shop-other', { LaunchTemplate }, { tags: { 'amity:refresh': 'false' } });
    const before = await groupOf(session, 'shop-other');
    const { imageId } = await release(session, 'shop', 3);

    expect(await untilSeen(session, 'AmiRolloutSucceeded', 'shop')).toEqual({
      launchTemplateId: id,
      version: 2,
      imageId,
      previousVersion: 1,
      previousImageId: base,
      instanceName: 'shop',
      requestId: 'for-shop-3',
      autoScalingGroupName: 'shop',
    });
    const [refresh, ...more] = await refreshesOf(session, 'shop');
    expect(refresh).toMatchObject({
      Status: 'Successful',
      DesiredConfiguration: { LaunchTemplate: { LaunchTemplateId: id, Version: '2' } },
      Preferences: { AutoRollback: true, SkipMatching: true, MinHealthyPercentage: 90 },
    });
    expect(more).toEqual([]);
    expect((await groupOf(session, 'shop')).LaunchTemplate?.Version).toBe('2');
    expect(await runningOf(session, 'shop')).toEqual(['2', '2']);
    // A number does not move: there is nothing to pin.
    expect(await changesOf('shop', id)).toEqual(['ModifyLaunchTemplate', 'StartInstanceRefresh']);
    await until('the card', () =>
      cardsAbout(session, imageId).find(({ body }) => body.includes('Group Has Been Refreshed.')),
    );
    expect(await groupOf(session, 'shop-other')).toEqual(before);
    expect(await refreshesOf(session, 'shop-other')).toEqual([]);
  });

  it.each([
    ['$Default', '1'],
    ['$Latest', '2'],
  ])('on %s is pinned to what that means before anything changes', async (Version, meant) => {
    const name = `on-${Version.slice(1).toLowerCase()}`;
    const { id, base } = await follow(session, name);
    const newer = {
      LaunchTemplateId: id,
      SourceVersion: '1',
      LaunchTemplateData: { InstanceType: 't3.small' },
    } as const;
    await new EC2Client(session.aws.clientConfig).send(new CreateLaunchTemplateVersionCommand(newer));
    await addGroup(session, name, { LaunchTemplate: { LaunchTemplateId: id, Version } });
    const image = await release(session, name, 3);
    await untilTold(session, 'AmiRolloutSucceeded', name);
    const pins = (await session.aws.control.calls({ action: 'UpdateAutoScalingGroup' })).filter(
      ({ params }) => params.AutoScalingGroupName === name,
    );
    expect(pins.map(({ params }) => params['LaunchTemplate.Version'])).toEqual([meant]);
    const order = ['UpdateAutoScalingGroup', 'ModifyLaunchTemplate', 'StartInstanceRefresh'];
    expect(await changesOf(name, id)).toEqual(order);
    expect(await standOf(session, id)).toEqual({ images: [base, base, image.imageId], default: 3 });
    expect((await groupOf(session, name)).LaunchTemplate?.Version).toBe('3');
    expect(await runningOf(session, name)).toEqual(['3']);
  });

  it('with a mixed instances policy keeps all of it, but the versions of that template', async () => {
    const { id } = await follow(session, 'mixed');
    const { id: arm } = await follow(session, 'mixed-arm');
    const own = (Version: string) => ({ LaunchTemplateId: id, Version });
    const policy = (version: string, ofArm: string): MixedInstancesPolicy => ({
      LaunchTemplate: {
        LaunchTemplateSpecification: own(version),
        Overrides: [
          { InstanceType: 't3.small', WeightedCapacity: '1' },
          { InstanceType: 't3.large', WeightedCapacity: '2', LaunchTemplateSpecification: own(version) },
          {
            InstanceType: 't4g.small',
            LaunchTemplateSpecification: { LaunchTemplateId: arm, Version: ofArm },
          },
        ],
      },
      InstancesDistribution: {
        OnDemandBaseCapacity: 1,
        OnDemandPercentageAboveBaseCapacity: 20,
        SpotAllocationStrategy: 'price-capacity-optimized',
      },
    });
    await addGroup(session, 'mixed', { MixedInstancesPolicy: policy('$Latest', '$Default') });
    await release(session, 'mixed', 3);
    await untilTold(session, 'AmiRolloutSucceeded', 'mixed');
    const [refresh, ...more] = await refreshesOf(session, 'mixed');
    expect(more).toEqual([]);
    // The other template is not rolled out; it was pinned, since a rollback needs numbers.
    expect(refresh?.DesiredConfiguration?.MixedInstancesPolicy).toMatchObject(policy('2', '1'));
    const { MixedInstancesPolicy, LaunchTemplate } = await groupOf(session, 'mixed');
    expect(MixedInstancesPolicy).toEqual(refresh?.DesiredConfiguration?.MixedInstancesPolicy);
    expect(LaunchTemplate).toBeUndefined();
    expect(await runningOf(session, 'mixed')).toEqual(['2']);
  });

  it('is refreshed as its tags say, and waits at its checkpoints', async () => {
    const { id } = await follow(session, 'careful');
    const tags = { 'amity:min-healthy-percentage': '50', 'amity:checkpoints': '25 50' };
    const LaunchTemplate = { LaunchTemplateId: id, Version: '1' };
    await addGroup(session, 'careful', { LaunchTemplate }, { tags, size: 4 });
    await release(session, 'careful', 3);
    const { Preferences } = await untilRefresh(session, 'careful', (each) => each.PercentageComplete === 25);
    expect(Preferences).toMatchObject({
      MinHealthyPercentage: 50,
      CheckpointPercentages: [25, 50, 100],
      AutoRollback: true,
    });
    await settle(2);
    expect((await runningOf(session, 'careful')).sort()).toEqual(['1', '1', '1', '2']);
    expect(announced(session, 'AmiRolloutSucceeded', 'careful')).toEqual([]);
  });

  it('with a tag that cannot be read is not refreshed, and says so; the others are', async () => {
    const { id } = await follow(session, 'half-read');
    const LaunchTemplate = { LaunchTemplateId: id, Version: '1' };
    await addGroup(session, 'half-read', { LaunchTemplate }, { tags: { 'amity:checkpoints': '50 20' } });
    await addGroup(session, 'half-read-2', { LaunchTemplate });
    await release(session, 'half-read', 3);
    await untilTold(session, 'AmiRolloutSucceeded', 'half-read');
    await untilTold(session, 'AmiRolloutFailed', 'half-read');
    expect(announced(session, 'AmiRolloutFailed', 'half-read')).toMatchObject([
      { code: 'invalid-tag', autoScalingGroupName: 'half-read', version: 2 },
    ]);
    expect(announced(session, 'AmiRolloutSucceeded', 'half-read')).toMatchObject([
      { autoScalingGroupName: 'half-read-2' },
    ]);
    expect(await asked('half-read')).toEqual([]);
  });
});

describe.concurrent('a launch template with an instance profile', () => {
  const profile = (Name: string) => ({ data: { IamInstanceProfile: { Name } } });

  it('whose role is listed is rolled out to its group', async () => {
    const { id } = await follow(session, 'with-listed', profile(ROLE));
    await addGroup(session, 'with-listed', { LaunchTemplate: { LaunchTemplateId: id, Version: '$Default' } });
    const image = await release(session, 'with-listed', 3);
    await untilRolledOut(session, 'with-listed', image);
    await untilTold(session, 'AmiRolloutSucceeded', 'with-listed');
    expect(await runningOf(session, 'with-listed')).toEqual(['2']);
  });

  it('whose role is not stays as it is, and so does its group; told once', async () => {
    const { id, base } = await follow(session, 'with-other', profile(OTHER_ROLE));
    await addGroup(session, 'with-other', { LaunchTemplate: { LaunchTemplateId: id, Version: '$Default' } });
    const before = await groupOf(session, 'with-other');
    const { imageId } = await release(session, 'with-other', 3);
    const failed = await untilSeen(session, 'AmiRolloutFailed', 'with-other');
    expect(failed).toMatchObject({ code: 'pass-role', launchTemplateId: id, imageId });
    expect(failed.message).toContain(OTHER_ROLE);
    await settle(2);
    expect(announced(session, 'AmiRolloutFailed', 'with-other')).toHaveLength(1);
    expect(await standOf(session, id)).toEqual({ images: [base], default: 1 });
    expect(await groupOf(session, 'with-other')).toEqual(before);
    expect(await refreshesOf(session, 'with-other')).toEqual([]);
    await until('the card', () => cardsAbout(session, OTHER_ROLE)[0]);
  });

  it('and no group is rolled out, whatever its role: nobody passes it', async () => {
    const { id } = await follow(session, 'with-nobody', profile(OTHER_ROLE));
    const image = await release(session, 'with-nobody', 3);
    await untilRolledOut(session, 'with-nobody', image);
    expect((await standOf(session, id)).default).toBe(2);
  });
});
