import { CreateTagsCommand } from '@aws-sdk/client-ec2';
import { INSTANCE_NAME_TAG } from '../domain/ownership.ts';
import { ec2 } from './ec2.ts';

/** EC2 recommends at most this many resources a CreateTags call; it takes 1,000. */
const MOST_RESOURCES = 500;

/** Makes images, with their snapshots, ours: under that instance name. Repeating it changes nothing. */
export async function tagAsOurs(
  instanceName: string,
  images: readonly { imageId: string; snapshotIds: readonly string[] }[],
): Promise<void> {
  const Resources = images.flatMap(({ imageId, snapshotIds }) => [imageId, ...snapshotIds]);
  for (let start = 0; start < Resources.length; start += MOST_RESOURCES) {
    await ec2.send(
      new CreateTagsCommand({
        Resources: Resources.slice(start, start + MOST_RESOURCES),
        Tags: [{ Key: INSTANCE_NAME_TAG, Value: instanceName }],
      }),
    );
  }
}
