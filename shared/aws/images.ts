import {
  CreateImageCommand,
  DescribeImagesCommand,
  type DescribeImagesCommandInput,
  type Image,
  paginateDescribeImages,
} from '@aws-sdk/client-ec2';
import { INSTANCE_NAME_TAG, REQUEST_ID_TAG, type Tags } from '../domain/ownership.ts';
import { ec2, ec2ErrorFacts, ec2Once, literal, tagsOf } from './ec2.ts';

/** What we read of an image of this account. */
export interface OwnedImage {
  readonly imageId: string;
  readonly imageName: string;
  readonly ownerId: string;
  readonly state: string;
  readonly stateReason: string | undefined;
  /** ISO 8601, as EC2 gives it. */
  readonly createdAt: string;
  readonly sourceInstanceId: string | undefined;
  readonly snapshotIds: string[];
  readonly tags: Tags;
  /** ISO 8601: when it is, or will be, deprecated. */
  readonly deprecatedAt: string | undefined;
  /** Whether EC2 refuses to deregister it. */
  readonly isProtected: boolean;
}

export interface NewImage {
  readonly instanceId: string;
  readonly imageName: string;
  readonly instanceName: string;
  readonly requestId: string;
  readonly reason: string;
  readonly noReboot: boolean;
  readonly tags: Tags;
}

/**
 * CreateImage, once: no client token exists, so whether to repeat is decided by the caller. Name and tags
 * go into the same call, on the image and on its snapshots: a tag that is set afterwards can be lost.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html
 */
export async function createImage(image: NewImage, signal: AbortSignal): Promise<string> {
  const tags = {
    ...image.tags,
    Name: image.imageName,
    Reason: image.reason,
    [INSTANCE_NAME_TAG]: image.instanceName,
    [REQUEST_ID_TAG]: image.requestId,
  };
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const { ImageId } = await ec2Once.send(
    new CreateImageCommand({
      InstanceId: image.instanceId,
      Name: image.imageName,
      NoReboot: image.noReboot,
      TagSpecifications: [
        { ResourceType: 'image', Tags },
        { ResourceType: 'snapshot', Tags },
      ],
    }),
    { abortSignal: signal },
  );
  if (!ImageId) throw new Error('CreateImage answered without an image id');
  return ImageId;
}

/** The image of this account with that id; nothing when EC2 does not know it (yet, or any more). */
export async function imageById(imageId: string, client = ec2): Promise<OwnedImage | undefined> {
  try {
    const { Images = [] } = await client.send(
      new DescribeImagesCommand({ Owners: ['self'], ImageIds: [imageId], IncludeDisabled: true }),
    );
    return Images[0] && owned(Images[0]);
  } catch (error) {
    if (/^InvalidAMIID\.(NotFound|Unavailable)$/.test(ec2ErrorFacts(error).name)) return undefined;
    throw error;
  }
}

/** The image of this account that holds a name. */
export async function imageByName(imageName: string): Promise<OwnedImage | undefined> {
  const found = await ownedImages({ Filters: [{ Name: 'name', Values: [literal(imageName)] }] });
  return found.find((image) => image.imageName === imageName);
}

/** Every image of this account that carries our tag, or those of one instance name only. */
export async function taggedImages(instanceName?: string, client = ec2): Promise<OwnedImage[]> {
  const filter = instanceName
    ? { Name: `tag:${INSTANCE_NAME_TAG}`, Values: [literal(instanceName)] }
    : { Name: 'tag-key', Values: [INSTANCE_NAME_TAG] };
  const found = await ownedImages({ Filters: [filter] }, client);
  return found.filter(({ tags }) => !instanceName || tags[INSTANCE_NAME_TAG] === instanceName);
}

/** Those images that there are, of whatever account: EC2 answers an id that is gone with an error, a filter does not. */
export const imagesWithIds = (imageIds: readonly string[]): Promise<OwnedImage[]> =>
  ownedImages({ Owners: undefined, Filters: [{ Name: 'image-id', Values: [...imageIds] }] });

/** Every page of the images of this account that match. */
export async function ownedImages(query: DescribeImagesCommandInput, client = ec2): Promise<OwnedImage[]> {
  const found: OwnedImage[] = [];
  const pages = paginateDescribeImages(
    { client },
    { Owners: ['self'], IncludeDisabled: true, MaxResults: 1000, ...query },
  );
  for await (const page of pages) found.push(...(page.Images ?? []).map(owned));
  return found;
}

const owned = (image: Image): OwnedImage => ({
  imageId: image.ImageId ?? '',
  imageName: image.Name ?? '',
  ownerId: image.OwnerId ?? '',
  state: image.State ?? 'unknown',
  stateReason: image.StateReason?.Message,
  createdAt: image.CreationDate ?? '',
  sourceInstanceId: image.SourceInstanceId,
  snapshotIds: (image.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []),
  tags: tagsOf(image.Tags),
  deprecatedAt: image.DeprecationTime,
  isProtected: (image.DeregistrationProtection ?? 'disabled') !== 'disabled',
});
