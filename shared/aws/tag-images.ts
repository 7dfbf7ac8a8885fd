import { CreateTagsCommand, DeleteTagsCommand } from '@aws-sdk/client-ec2';
import { INSTANCE_NAME_TAG, type Tags } from '../domain/ownership.ts';
import { chunks } from '../runtime/chunks.ts';
import { ec2 } from './ec2.ts';

/** EC2 recommends at most this many resources a CreateTags call; it takes 1,000. */
const MOST_RESOURCES = 500;

/** Makes images, with their snapshots, ours: under that instance name. Repeating it changes nothing. */
export const tagAsOurs = (
  instanceName: string,
  images: readonly { imageId: string; snapshotIds: readonly string[] }[],
): Promise<void> =>
  tag(
    images.flatMap(({ imageId, snapshotIds }) => [imageId, ...snapshotIds]),
    { [INSTANCE_NAME_TAG]: instanceName },
  );

/** Tags images and snapshots: all of them, or it throws. */
export async function tag(ids: readonly string[], tags: Tags, client = ec2): Promise<void> {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  if (Tags.length === 0) return;
  for (const Resources of chunks(ids, MOST_RESOURCES))
    await client.send(new CreateTagsCommand({ Resources, Tags }));
}

export async function untag(ids: readonly string[], keys: readonly string[], client = ec2): Promise<void> {
  if (keys.length === 0) return;
  const Tags = keys.map((Key) => ({ Key }));
  await client.send(new DeleteTagsCommand({ Resources: [...ids], Tags }));
}
