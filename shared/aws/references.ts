import { DescribeImageReferencesCommand } from '@aws-sdk/client-ec2';
import type { References } from '../domain/retention.ts';
import { ec2 } from './ec2.ts';

/** EC2 takes ten images a call. */
const MOST_IMAGES = 10;

/** Every state but terminated; without this, EC2 counts terminated instances too. */
const STATES = ['pending', 'running', 'shutting-down', 'stopping', 'stopped'];

/** Launch template versions that count as use, the newest ones. */
const TEMPLATE_VERSIONS = '10';

/**
 * Which instances, launch templates, SSM parameters and Image Builder recipes use each of the images.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-ami-references.html
 */
export async function referencesTo(imageIds: readonly string[]): Promise<References> {
  const references = new Map(imageIds.map((id): [string, string[]] => [id, []]));
  for (let start = 0; start < imageIds.length; start += MOST_IMAGES) {
    for await (const { ImageId = '', Arn = 'unknown' } of pages(imageIds.slice(start, start + MOST_IMAGES))) {
      references.get(ImageId)?.push(shortOf(Arn));
    }
  }
  return references;
}

async function* pages(imageIds: string[]) {
  let NextToken: string | undefined;
  do {
    const page = await ec2.send(
      new DescribeImageReferencesCommand({
        ImageIds: imageIds,
        IncludeAllResourceTypes: true,
        ResourceTypes: [
          {
            ResourceType: 'ec2:Instance',
            ResourceTypeOptions: [{ OptionName: 'state-name', OptionValues: STATES }],
          },
          {
            ResourceType: 'ec2:LaunchTemplate',
            ResourceTypeOptions: [{ OptionName: 'version-depth', OptionValues: [TEMPLATE_VERSIONS] }],
          },
        ],
        ...(NextToken && { NextToken }),
      }),
    );
    yield* page.ImageReferences ?? [];
    NextToken = page.NextToken;
  } while (NextToken);
}

/** `instance/i-…` of an ARN: what a person looks for. */
const shortOf = (arn: string) => arn.split(':').slice(5).join(':') || arn;
