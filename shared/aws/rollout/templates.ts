import {
  CreateLaunchTemplateVersionCommand,
  DescribeLaunchTemplateVersionsCommand,
  type LaunchTemplateVersion,
  ModifyLaunchTemplateCommand,
} from '@aws-sdk/client-ec2';
import { describeVersion } from '../../domain/retention/template-uses.ts';
import { hashOf } from '../../events/request-key.ts';
import { ec2, ec2ErrorFacts } from '../ec2.ts';
import { isTemplateGone } from '../uses/template-versions.ts';

/** One version of a launch template, with what a rollout asks of it. */
export interface Version {
  readonly templateId: string;
  readonly version: number;
  readonly description: string;
  /** An image id; or `resolve:ssm:…`. */
  readonly image: string | undefined;
  /** The id, also where the version names a parameter. */
  readonly imageId: string | undefined;
  readonly createdAt: Date;
  /** The name of its instance profile. */
  readonly profile: string | undefined;
  readonly networkInterfaces: NonNullable<LaunchTemplateVersion['LaunchTemplateData']>['NetworkInterfaces'];
}

/** A version by its number, `$Default` or `$Latest`; nothing, where it or its template is gone. */
export async function versionOf(templateId: string, version: string): Promise<Version | undefined> {
  const found = await describe(templateId, version, false);
  if (!found) return undefined;
  const data = found.LaunchTemplateData ?? {};
  const isAlias = data.ImageId?.startsWith('resolve:ssm:');
  const resolved = isAlias ? await describe(templateId, String(found.VersionNumber), true) : found;
  const imageId = resolved?.LaunchTemplateData?.ImageId;
  const { Name, Arn } = data.IamInstanceProfile ?? {};
  return {
    templateId,
    version: found.VersionNumber ?? 0,
    description: found.VersionDescription ?? '',
    image: data.ImageId,
    imageId: imageId?.startsWith('ami-') ? imageId : undefined,
    createdAt: found.CreateTime ?? new Date(Number.NaN),
    profile: Name ?? Arn?.split('/').at(-1),
    networkInterfaces: data.NetworkInterfaces,
  };
}

async function describe(
  LaunchTemplateId: string,
  version: string,
  ResolveAlias: boolean,
): Promise<LaunchTemplateVersion | undefined> {
  try {
    const { LaunchTemplateVersions = [] } = await ec2.send(
      new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId, Versions: [version], ResolveAlias }),
    );
    return LaunchTemplateVersions[0];
  } catch (error) {
    if (isTemplateGone(ec2ErrorFacts(error))) return undefined;
    throw error;
  }
}

export interface NewVersion {
  readonly from: Version;
  readonly imageId: string;
  readonly requestId: string;
  /** None: those of the version before. */
  readonly securityGroupIds: readonly string[];
}

/**
 * A version like another one, with another image. The client token is made of both: however often this is called, there
 * is one.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html
 */
export async function createVersion({ from, imageId, requestId, ...rest }: NewVersion): Promise<number> {
  const { templateId, version } = from;
  const { LaunchTemplateVersion: made } = await ec2.send(
    new CreateLaunchTemplateVersionCommand({
      LaunchTemplateId: templateId,
      SourceVersion: String(version),
      ClientToken: hashOf(templateId, version, imageId, rest.securityGroupIds),
      // EC2 takes 255 characters.
      VersionDescription: describeVersion(imageId, requestId, version),
      LaunchTemplateData: { ImageId: imageId, ...securityGroups(from, rest.securityGroupIds) },
    }),
  );
  if (!made?.VersionNumber) throw new Error('CreateLaunchTemplateVersion answered without a version');
  return made.VersionNumber;
}

/** Where a version has network interfaces, EC2 takes security groups with those alone. */
function securityGroups({ networkInterfaces = [] }: Version, groupIds: readonly string[]) {
  if (groupIds.length === 0) return {};
  if (networkInterfaces.length === 0) return { SecurityGroupIds: [...groupIds] };
  return { NetworkInterfaces: networkInterfaces.map((each) => ({ ...each, Groups: [...groupIds] })) };
}

/** Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyLaunchTemplate.html */
export async function makeDefault(LaunchTemplateId: string, version: number): Promise<void> {
  await ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateId, DefaultVersion: String(version) }));
}
