import { DescribeInstanceTypesCommand } from '@aws-sdk/client-ec2';
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../handlers/bake/check-base-image.ts';
import { BASE_IMAGE, spec } from '../../support/bake-record.ts';
import { BakeWorld } from '../../support/bake-world.ts';
import { lambdaContext } from '../../support/events.ts';

const ssm = mockClient(SSMClient);
let world: BakeWorld;
let requestKey: string;
beforeEach(() => {
  world = new BakeWorld();
  world.ec2.mock.on(DescribeInstanceTypesCommand).resolves({
    InstanceTypes: [{ ProcessorInfo: { SupportedArchitectures: ['x86_64'] } }],
  });
  requestKey = world.knows().key;
  ssm.reset();
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: BASE_IMAGE } });
});

/** As the workflow asks: without an image, which is what a validation alone has. */
const check = (imageId: string | null = null) =>
  handler({ requestKey, attempt: 1, imageId }, lambdaContext());
const fit = { imageId: BASE_IMAGE, timeoutSeconds: 600 };

it('an image that fits: its id, and how long its builder has', async () => {
  world.hasBaseImage();
  expect(await check()).toEqual(fit);
  world.knows({ bake: spec({ timeoutMinutes: 720 }) });
  expect(await check()).toEqual({ imageId: BASE_IMAGE, timeoutSeconds: 43_200 });
});

it('an image that a parameter names', async () => {
  world.hasBaseImage();
  world.knows({ bake: spec({ baseImage: 'resolve:ssm:/aws/service/al2023' }) });
  expect(await check()).toEqual(fit);
});

it('an image that is to be validated is itself, whatever it is', async () => {
  const imageId = 'ami-00000000000000001';
  expect(await check(imageId)).toEqual({ imageId, timeoutSeconds: 600 });
  expect(world.calls.names).toEqual(['Get']);
});

describe('no builder is started', () => {
  const failed = (error: string, cause: unknown) => ({
    failed: { stage: 'base-image', error, cause },
  });

  it('where the parameter does not exist', async () => {
    ssm.on(GetParameterCommand).rejects(new ParameterNotFound({ message: 'none', $metadata: {} }));
    world.knows({ bake: spec({ baseImage: 'resolve:ssm:/golden' }) });
    const message = 'There is no parameter resolve:ssm:/golden that holds the id of an image.';
    expect(await check()).toEqual(failed('base-image-not-found', message));
  });

  it('where EC2 does not know the image', async () => {
    const message = `EC2 has no image ${BASE_IMAGE} (${BASE_IMAGE}) for this account.`;
    expect(await check()).toEqual(failed('base-image-not-found', message));
  });

  it.each([
    ['of a stranger', { OwnerId: '111122223333', ImageOwnerAlias: undefined }, 'base-image-refused'],
    ['that is disabled', { State: 'disabled' as const }, 'base-image-refused'],
    ['of Windows', { Platform: 'Windows' as const }, 'base-image-refused'],
    ['without an EBS root', { RootDeviceType: 'instance-store' as const }, 'base-image-refused'],
    ['of another architecture', { Architecture: 'arm64' as const }, 'architecture-mismatch'],
  ])('from an image %s', async (_, facts, code) => {
    world.hasBaseImage(facts);
    expect(await check()).toEqual(failed(code, expect.stringContaining(BASE_IMAGE)));
  });

  it('from one of this account, where the configuration lists self, it is', async () => {
    world.hasBaseImage({ OwnerId: '000000000000', ImageOwnerAlias: undefined });
    expect(await check()).toEqual(fit);
  });

  it('with a root disk that is too small', async () => {
    world.hasBaseImage();
    world.knows({ bake: spec({ volumeSizeGib: 7 }) });
    expect(await check()).toEqual(failed('base-image-refused', expect.stringContaining('8 GiB')));
  });

  it('of a type that EC2 does not know', async () => {
    world.hasBaseImage();
    world.ec2.mock.on(DescribeInstanceTypesCommand).resolves({ InstanceTypes: [] });
    expect(await check()).toEqual(failed('architecture-mismatch', expect.stringContaining('t3.small')));
  });
});

it.each(['ThrottlingException', 'AccessDeniedException'])('%s: thrown', async (name) => {
  world.knows({ bake: spec({ baseImage: 'resolve:ssm:/golden' }) });
  ssm.on(GetParameterCommand).rejects(Object.assign(new Error(name), { name }));
  await expect(check()).rejects.toMatchObject({ name });
});

it.each([{ requestKey: 'request#nobody' }, {}, null])('a question that is none: %o', async (question) => {
  await expect(handler(question, lambdaContext())).rejects.toThrow();
});
