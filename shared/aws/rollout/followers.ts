import { type LaunchTemplate, paginateDescribeLaunchTemplates } from '@aws-sdk/client-ec2';
import { FOLLOW_TAG, type Follower, followerOf } from '../../domain/rollout/follower.ts';
import { ec2, ec2ErrorFacts, literal, tagsOf } from '../ec2.ts';
import { isTemplateGone } from '../uses/template-versions.ts';

type Query = Parameters<typeof paginateDescribeLaunchTemplates>[1];

/** The launch templates that follow a name, or any. */
export const followers = (instanceName?: string): Promise<Follower[]> =>
  read({
    Filters: [
      instanceName
        ? { Name: `tag:${FOLLOW_TAG}`, Values: [literal(instanceName)] }
        : { Name: 'tag-key', Values: [FOLLOW_TAG] },
    ],
    MaxResults: 200,
  }).then((found) => found.filter((each) => !instanceName || each.instanceName === instanceName));

/** That launch template, if it follows a name. */
export async function followerById(launchTemplateId: string): Promise<Follower | undefined> {
  try {
    const [found] = await read({ LaunchTemplateIds: [launchTemplateId] });
    return found;
  } catch (error) {
    if (isTemplateGone(ec2ErrorFacts(error))) return undefined;
    throw error;
  }
}

async function read(query: Query): Promise<Follower[]> {
  const found: LaunchTemplate[] = [];
  for await (const { LaunchTemplates = [] } of paginateDescribeLaunchTemplates({ client: ec2 }, query))
    found.push(...LaunchTemplates);
  return found.flatMap(({ LaunchTemplateId = '', Tags }) => followerOf(LaunchTemplateId, tagsOf(Tags)) ?? []);
}
