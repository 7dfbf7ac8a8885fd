export const INSTANCE_NAME_TAG = 'amity:instance-name';
export const REQUEST_ID_TAG = 'amity:request-id';

export type Tags = Readonly<Record<string, string>>;

/** Whether another AWS service (Backup, Data Lifecycle Manager, Image Builder) marks the image as its own. */
const isForeign = (tags: Tags) =>
  tags.CreatedBy === 'EC2 Image Builder' ||
  Object.keys(tags).some((key) => key.startsWith('aws:') || key === 'Ec2ImageBuilderArn');

/**
 * The instance name of an image of ours, or nothing. Ours is what carries our tag and nobody else's: an
 * instance's tags can be copied onto the images that AWS Backup or Image Builder make of it.
 */
export function instanceNameOf(tags: Tags): string | undefined {
  if (isForeign(tags)) return undefined;
  return tags[INSTANCE_NAME_TAG] || undefined;
}

/** `{instance name}-Deploy-YYYY-MM-DD_HH_MM`, as the older Python system named its images. */
const LEGACY_NAME = /^(?<instanceName>.+)-Deploy-\d{4}-\d{2}-\d{2}_\d{2}_\d{2}$/;

/** The instance name of an image that the older system made and that `npm run adopt` may make ours. */
export function legacyInstanceName(imageName: string, tags: Tags): string | undefined {
  if (tags.Reason !== 'Deploy' || INSTANCE_NAME_TAG in tags || isForeign(tags)) return undefined;
  return LEGACY_NAME.exec(imageName)?.groups?.instanceName;
}
