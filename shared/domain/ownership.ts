export const INSTANCE_NAME_TAG = 'amity:instance-name';
export const REQUEST_ID_TAG = 'amity:request-id';

export type Tags = Readonly<Record<string, string>>;

/** The other owner of an image, by the marks that AWS's services leave on what they make. */
const MARKS: readonly (readonly [owner: string, marks: (key: string, tags: Tags) => boolean])[] = [
  ['AWS Backup', (key) => key.startsWith('aws:backup:')],
  ['Data Lifecycle Manager', (key) => key.startsWith('aws:dlm:') || key.startsWith('dlm:')],
  [
    'EC2 Image Builder',
    (key, tags) => key === 'Ec2ImageBuilderArn' || (key === 'CreatedBy' && tags[key] === 'EC2 Image Builder'),
  ],
  // Reserved to AWS: whichever service set it, it is not us. The mark of the Recycle Bin is of ours as of others.
  ['another AWS service', (key) => key.startsWith('aws:') && !key.startsWith('aws:recycle-bin:')],
];

/** AWS Backup's images have this in their name, in whatever case. */
const BACKUP_NAME = /^AwsBackup_/i;

/**
 * Which AWS service has an image or a snapshot for its own. An instance's tags, ours too, can be copied onto the
 * images that AWS Backup, Data Lifecycle Manager or Image Builder make of it.
 */
export function foreignOwner(tags: Tags, imageName = ''): string | undefined {
  const keys = Object.keys(tags);
  const marked = MARKS.find(([, marks]) => keys.some((key) => marks(key, tags)));
  return marked?.[0] ?? (BACKUP_NAME.test(imageName) ? 'AWS Backup' : undefined);
}

/** The instance name of an image of ours, or nothing. Ours is what carries our tag and nobody else's. */
export function instanceNameOf(tags: Tags): string | undefined {
  if (foreignOwner(tags)) return undefined;
  return tags[INSTANCE_NAME_TAG] || undefined;
}

/** `{instance name}-Deploy-YYYY-MM-DD_HH_MM`, as the older Python system named its images. */
const LEGACY_NAME = /^(?<instanceName>.+)-Deploy-\d{4}-\d{2}-\d{2}_\d{2}_\d{2}$/;

/** The instance name of an image that the older system made and that `npm run adopt` may make ours. */
export function legacyInstanceName(imageName: string, tags: Tags): string | undefined {
  if (tags.Reason !== 'Deploy' || INSTANCE_NAME_TAG in tags || foreignOwner(tags, imageName))
    return undefined;
  return LEGACY_NAME.exec(imageName)?.groups?.instanceName;
}
