import {
  DeregisterImageCommand,
  DescribeImageAttributeCommand,
  DisableImageDeprecationCommand,
  DisableImageDeregistrationProtectionCommand,
  EnableImageDeprecationCommand,
  EnableImageDeregistrationProtectionCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { describeImage, errorOf, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws();
const day = 86_400_000;

describe('deprecation', () => {
  const deprecate = (ImageId: string, DeprecateAt: Date) =>
    suite.ec2.send(new EnableImageDeprecationCommand({ ImageId, DeprecateAt }));

  it('is rounded to the minute, shown to the owner, and taken back', async () => {
    const { imageId } = await suite.aws.control.addImage({ name: 'old' });
    expect((await describeImage(suite, imageId)).DeprecationTime).toBeUndefined();
    expect(await deprecate(imageId, new Date('2030-01-02T03:04:29Z'))).toMatchObject({ Return: true });
    expect((await describeImage(suite, imageId)).DeprecationTime).toBe('2030-01-02T03:04:00.000Z');
    await deprecate(imageId, new Date('2030-01-02T03:04:31Z'));
    expect((await describeImage(suite, imageId)).DeprecationTime).toBe('2030-01-02T03:05:00.000Z');
    await suite.ec2.send(new DisableImageDeprecationCommand({ ImageId: imageId }));
    await suite.ec2.send(new DisableImageDeprecationCommand({ ImageId: imageId }));
    expect((await describeImage(suite, imageId)).DeprecationTime).toBeUndefined();
  });

  it.each([
    ['the past', -60_000],
    ['over ten years', 3700 * day],
  ])('is refused for %s', async (_, ms) => {
    const { imageId } = await suite.aws.control.addImage({ name: 'old' });
    const error = await errorOf(deprecate(imageId, new Date(Date.now() + ms)));
    expect(error.name).toBe('InvalidParameterValue');
    expect((await describeImage(suite, imageId)).DeprecationTime).toBeUndefined();
  });

  it("is refused for another account's image and for one that is not there", async () => {
    const theirs = await suite.aws.control.addImage({ name: 'x', ownerId: '111111111111', public: true });
    const soon = new Date(Date.now() + day);
    expect((await errorOf(deprecate(theirs.imageId, soon))).name).toBe('AuthFailure');
    expect((await errorOf(deprecate('ami-0123456789abcdef0', soon))).name).toBe('InvalidAMIID.NotFound');
  });
});

describe('deregistration protection', () => {
  const deregister = (ImageId: string) => suite.ec2.send(new DeregisterImageCommand({ ImageId }));
  const protect = (ImageId: string, WithCooldown?: boolean) =>
    suite.ec2.send(new EnableImageDeregistrationProtectionCommand({ ImageId, WithCooldown }));
  const unprotect = (ImageId: string) =>
    suite.ec2.send(new DisableImageDeregistrationProtectionCommand({ ImageId }));

  it('refuses DeregisterImage until it is off', async () => {
    const { imageId } = await suite.aws.control.addImage({ name: 'kept' });
    expect((await describeImage(suite, imageId)).DeregistrationProtection).toBe('disabled');
    expect((await protect(imageId)).Return).toBe('enabled-without-cooldown');
    expect((await describeImage(suite, imageId)).DeregistrationProtection).toBe('enabled-without-cooldown');
    expect((await errorOf(deregister(imageId))).name).toBe('OperationNotPermitted');
    expect((await unprotect(imageId)).Return).toBe('disabled');
    await deregister(imageId);
  });

  it('with a cooldown refuses for a day more', async () => {
    const { imageId } = await suite.aws.control.addImage({ name: 'kept' });
    await protect(imageId, true);
    const Attribute = 'deregistrationProtection' as const;
    const shown = await suite.ec2.send(new DescribeImageAttributeCommand({ ImageId: imageId, Attribute }));
    expect(shown.DeregistrationProtection?.Value).toBe('enabled-with-cooldown');
    await unprotect(imageId);
    expect((await errorOf(deregister(imageId))).name).toBe('OperationNotPermitted');
  });
});
