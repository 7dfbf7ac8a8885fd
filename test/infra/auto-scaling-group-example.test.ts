import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { expect, it } from 'vitest';
import { ServiceStack } from '../../examples/auto-scaling-group/service-stack.ts';
import { FOLLOW_TAG } from '../../shared/domain/rollout/follower.ts';
import { pointerOf } from '../../shared/domain/rollout/pointer.ts';
import { preferencesOf, REFRESH_TAG } from '../../shared/domain/rollout/refresh.ts';

const template = Template.fromStack(new ServiceStack(new App(), 'Example', { instanceName: 'service-api' }));
const only = (type: string) => {
  const [found, ...more] = Object.values(template.findResources(type));
  expect(more).toEqual([]);
  return found?.Properties;
};

it('the launch template of the example follows the name, from an image id', () => {
  expect(only('AWS::EC2::LaunchTemplate')).toMatchObject({
    TagSpecifications: [
      { ResourceType: 'launch-template', Tags: [{ Key: FOLLOW_TAG, Value: 'service-api' }] },
    ],
    LaunchTemplateData: {
      ImageId: { Ref: 'Image' },
      SecurityGroupIds: { Ref: 'SecurityGroups' },
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'service-api' }] }],
    },
  });
  template.hasParameter('Image', {
    Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>',
    Default: pointerOf('service-api'),
  });
  // The name by which `rollout.instanceRoles` lists it.
  expect(only('AWS::IAM::Role')).toMatchObject({ RoleName: 'service-api' });
});

it('the group of the example is refreshed as its tags say, and no deployment takes it back', () => {
  const group = only('AWS::AutoScaling::AutoScalingGroup');
  const tags: Record<string, string> = Object.fromEntries(
    group.Tags.map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value]),
  );
  expect(tags[REFRESH_TAG]).toBe('true');
  expect(preferencesOf('example', tags)).toEqual({ minHealthy: 50, checkpoints: [50, 100] });
  expect(group.LaunchTemplate.Version).toBe('$Default');
  template.hasResource('AWS::AutoScaling::AutoScalingGroup', { UpdatePolicy: Match.absent() });
});
