import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  type EC2Client,
  ModifyLaunchTemplateCommand,
} from '@aws-sdk/client-ec2';

export interface TemplateSettings {
  readonly defaultVersion: number;
  /** The instance name that it follows: its versions are Amity's to make. */
  readonly follows?: string;
}

/** A launch template with a version for each of these images, the first one first. */
export async function addTemplate(
  ec2: EC2Client,
  LaunchTemplateName: string,
  versions: readonly (readonly [imageId: string, description?: string | undefined])[],
  { defaultVersion, follows }: TemplateSettings,
): Promise<void> {
  const [first, ...later] = versions.map(([ImageId, VersionDescription]) => ({
    LaunchTemplateName,
    VersionDescription,
    LaunchTemplateData: { ImageId, InstanceType: 't3.micro' as const },
  }));
  if (!first) throw new Error('A launch template has a version');
  const Tags = [{ Key: 'amity:follow', Value: follows }];
  await ec2.send(
    new CreateLaunchTemplateCommand({
      ...first,
      ...(follows && { TagSpecifications: [{ ResourceType: 'launch-template', Tags }] }),
    }),
  );
  for (const version of later) await ec2.send(new CreateLaunchTemplateVersionCommand(version));
  await ec2.send(
    new ModifyLaunchTemplateCommand({ LaunchTemplateName, DefaultVersion: String(defaultVersion) }),
  );
}
