import { DescribeImagesCommand, DescribeInstanceTypesCommand, type Image } from '@aws-sdk/client-ec2';
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod/mini';
import { type BaseImage, parameterOf } from '../../domain/bake/base-image.ts';
import * as field from '../../events/fields.ts';
import { requestHandler } from '../clients.ts';
import { ec2, ec2ErrorFacts } from '../ec2.ts';

const ssm = new SSMClient({ requestHandler, maxAttempts: 5 });

/**
 * The image id that a base image stands for at this moment; nothing where its parameter does not exist, or holds something
 * else: that is nobody's business who may ask for a bake, and goes nowhere.
 */
export async function resolveBaseImage(baseImage: string): Promise<string | undefined> {
  const Name = parameterOf(baseImage);
  if (Name === undefined) return baseImage;
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));
    const value = Parameter?.Value?.trim() ?? '';
    return z.safeParse(field.imageId, value).data;
  } catch (error) {
    if (error instanceof ParameterNotFound || ec2ErrorFacts(error).name === 'ParameterVersionNotFound')
      return undefined;
    throw error;
  }
}

/** The image, whoever owns it; nothing when there is none that this account may see. */
export async function baseImage(imageId: string): Promise<BaseImage | undefined> {
  try {
    const { Images = [] } = await ec2.send(
      new DescribeImagesCommand({ ImageIds: [imageId], IncludeDisabled: true }),
    );
    return Images[0] && asBaseImage(Images[0]);
  } catch (error) {
    if (/^InvalidAMIID\./.test(ec2ErrorFacts(error).name)) return undefined;
    throw error;
  }
}

/** The architectures that an instance type runs; nothing when EC2 knows no such type in this region. */
export async function architecturesOf(instanceType: string): Promise<string[] | undefined> {
  const { InstanceTypes = [] } = await ec2.send(
    // A filter finds nothing where a type that is named would be an error, and takes types that this SDK does not know yet.
    new DescribeInstanceTypesCommand({ Filters: [{ Name: 'instance-type', Values: [instanceType] }] }),
  );
  return InstanceTypes[0]?.ProcessorInfo?.SupportedArchitectures;
}

const asBaseImage = (image: Image): BaseImage => ({
  imageId: image.ImageId ?? '',
  state: image.State ?? 'unknown',
  ownerId: image.OwnerId ?? '',
  ownerAlias: image.ImageOwnerAlias,
  architecture: image.Architecture ?? 'unknown',
  isWindows: image.Platform?.toLowerCase() === 'windows',
  rootDeviceType: image.RootDeviceType ?? 'unknown',
  rootDeviceName: image.RootDeviceName ?? '',
  disks: (image.BlockDeviceMappings ?? []).flatMap(({ DeviceName = '', Ebs }) =>
    Ebs ? [{ device: DeviceName, sizeGib: Ebs.VolumeSize ?? 0 }] : [],
  ),
});
