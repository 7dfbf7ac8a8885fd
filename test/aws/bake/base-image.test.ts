import { DescribeImagesCommand, DescribeInstanceTypesCommand } from '@aws-sdk/client-ec2';
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { architecturesOf, baseImage, resolveBaseImage } from '../../../shared/aws/bake/base-image.ts';
import { parameterOf } from '../../../shared/domain/bake/base-image.ts';
import { ec2Error } from '../../support/aws-errors.ts';
import { BASE_IMAGE } from '../../support/bake-record.ts';
import { BakeWorld } from '../../support/bake-world.ts';
import { once } from '../../support/calls.ts';

const ssm = mockClient(SSMClient);
let world: BakeWorld;
beforeEach(() => {
  ssm.reset();
  world = new BakeWorld();
});

const NAME = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';
const asked = () => ssm.commandCalls(GetParameterCommand).map(({ args }) => args[0].input.Name);

describe('resolveBaseImage', () => {
  it('an image id is itself', async () => {
    expect(await resolveBaseImage(BASE_IMAGE)).toBe(BASE_IMAGE);
    expect(asked()).toEqual([]);
    expect(parameterOf(BASE_IMAGE)).toBeUndefined();
  });

  it.each([NAME, `${NAME}:42`, 'golden'])('what the parameter %s says now', async (name) => {
    ssm.on(GetParameterCommand).resolves({ Parameter: { Value: `${BASE_IMAGE}\n` } });
    expect(await resolveBaseImage(`resolve:ssm:${name}`)).toBe(BASE_IMAGE);
    expect(asked()).toEqual([name]);
    expect(parameterOf(`resolve:ssm:${name}`)).toBe(name);
  });

  it.each([
    new ParameterNotFound({ message: 'none', $metadata: {} }),
    Object.assign(new Error('no such version'), { name: 'ParameterVersionNotFound' }),
  ])('%o: nothing', async (error) => {
    ssm.on(GetParameterCommand).rejects(error);
    expect(await resolveBaseImage(`resolve:ssm:${NAME}:7`)).toBeUndefined();
  });

  it.each(['hunter2', '', 'ami-', `${BASE_IMAGE}, ${BASE_IMAGE}`])(
    'nothing where the parameter holds something else: %j',
    async (Value) => {
      ssm.on(GetParameterCommand).resolves({ Parameter: { Value } });
      expect(await resolveBaseImage('resolve:ssm:/database/password')).toBeUndefined();
    },
  );

  it.each(['ThrottlingException', 'AccessDeniedException'])('%s: thrown', async (name) => {
    ssm.on(GetParameterCommand).rejects(Object.assign(new Error(name), { name }));
    await expect(resolveBaseImage(`resolve:ssm:${NAME}`)).rejects.toMatchObject({ name });
  });
});

describe('baseImage', () => {
  it('is what EC2 says of it, whoever owns it, disabled or not', async () => {
    world.hasBaseImage({
      Platform: 'Windows',
      BlockDeviceMappings: [
        { DeviceName: '/dev/xvda', Ebs: { VolumeSize: 8 } },
        { DeviceName: '/dev/sdb', VirtualName: 'ephemeral0' },
        { DeviceName: '/dev/sdc', Ebs: {} },
      ],
    });
    expect(await baseImage(BASE_IMAGE)).toEqual({
      imageId: BASE_IMAGE,
      state: 'available',
      ownerId: '137112412989',
      ownerAlias: 'amazon',
      architecture: 'x86_64',
      isWindows: true,
      rootDeviceType: 'ebs',
      rootDeviceName: '/dev/xvda',
      disks: [
        { device: '/dev/xvda', sizeGib: 8 },
        { device: '/dev/sdc', sizeGib: 0 },
      ],
    });
    expect(world.ec2.mock.commandCalls(DescribeImagesCommand)[0]?.args[0].input).toEqual({
      ImageIds: [BASE_IMAGE],
      IncludeDisabled: true,
    });
  });

  it.each(['InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable', 'InvalidAMIID.Malformed'])(
    '%s: nothing',
    async (name) => {
      world.calls.faults = once({ when: 'before', how: 'throws', error: ec2Error(name) });
      expect(await baseImage(BASE_IMAGE)).toBeUndefined();
    },
  );

  it('in an empty answer: nothing', async () => {
    world.ec2.mock.on(DescribeImagesCommand).resolves({});
    expect(await baseImage(BASE_IMAGE)).toBeUndefined();
  });

  it('UnauthorizedOperation: thrown', async () => {
    const error = ec2Error('UnauthorizedOperation');
    world.calls.faults = once({ when: 'before', how: 'throws', error });
    await expect(baseImage(BASE_IMAGE)).rejects.toBe(error);
  });
});

describe('architecturesOf', () => {
  it('are those of the type, which is looked for, not named', async () => {
    world.ec2.mock.on(DescribeInstanceTypesCommand).resolves({
      InstanceTypes: [{ ProcessorInfo: { SupportedArchitectures: ['i386', 'x86_64'] } }],
    });
    expect(await architecturesOf('t3.small')).toEqual(['i386', 'x86_64']);
    expect(world.ec2.mock.commandCalls(DescribeInstanceTypesCommand)[0]?.args[0].input).toEqual({
      Filters: [{ Name: 'instance-type', Values: ['t3.small'] }],
    });
  });

  it('of a type that EC2 does not know: nothing', async () => {
    world.ec2.mock.on(DescribeInstanceTypesCommand).resolves({ InstanceTypes: [] });
    expect(await architecturesOf('t99.small')).toBeUndefined();
  });
});
