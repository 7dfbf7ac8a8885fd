import { DescribeImageReferencesCommand } from '@aws-sdk/client-ec2';
import { isUse, type TemplateVersion } from '../../domain/retention/template-uses.ts';
import { ec2In } from '../ec2.ts';

/** EC2 takes ten images a call. */
export const MOST_IMAGES = 10;

/** Every state but terminated; without this, EC2 counts terminated instances too. */
export const USING_STATES = ['pending', 'running', 'shutting-down', 'stopping', 'stopped'];

interface Asked {
  readonly region: string;
  readonly launchTemplateVersions: number;
  /** The newest versions of the templates that Amity makes versions of. */
  readonly followed: ReadonlyMap<string, readonly TemplateVersion[]>;
}

/**
 * Which instances, launch templates, SSM parameters and Image Builder recipes use each of these images, ten at most.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-ami-references.html
 */
export async function referencesTo(
  imageIds: readonly string[],
  asked: Asked,
): Promise<Map<string, string[]>> {
  const references = new Map(imageIds.map((id): [string, string[]] => [id, []]));
  for await (const { ImageId = '', Arn = 'unknown' } of pages([...imageIds], asked)) {
    const user = shortOf(Arn);
    const versions = asked.followed.get(user.replace(/^launch-template\//, ''));
    if (!versions || isUse(ImageId, versions)) references.get(ImageId)?.push(user);
  }
  return references;
}

async function* pages(ImageIds: string[], { region, launchTemplateVersions }: Asked) {
  let NextToken: string | undefined;
  do {
    const page = await ec2In(region).send(
      new DescribeImageReferencesCommand({
        ImageIds,
        IncludeAllResourceTypes: true,
        ResourceTypes: [
          {
            ResourceType: 'ec2:Instance',
            ResourceTypeOptions: [{ OptionName: 'state-name', OptionValues: USING_STATES }],
          },
          {
            ResourceType: 'ec2:LaunchTemplate',
            ResourceTypeOptions: [
              { OptionName: 'version-depth', OptionValues: [String(launchTemplateVersions)] },
            ],
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
