import {
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeLaunchConfigurationsCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateImageUsageReportCommand,
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeImageAttributeCommand,
  DescribeImageUsageReportEntriesCommand,
  DescribeImageUsageReportsCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DisableImageCommand,
  DisableImageDeprecationCommand,
  EnableImageCommand,
  EnableImageDeprecationCommand,
  ListImagesInRecycleBinCommand,
  ModifyImageAttributeCommand,
  RestoreImageFromRecycleBinCommand,
  RestoreSnapshotFromRecycleBinCommand,
} from '@aws-sdk/client-ec2';
import type { Image, ImageWanted } from '../../../local/control-types.ts';
import { daysAgo, ours } from './flow.ts';
import type { RoleCalls } from './role-calls.ts';
import { type Clients, mayEnd } from './roles.ts';
import type { Session } from './session.ts';

const OTHERS = { Name: 'by hand', Reason: 'Deploy' };
let made = 0;

/** What retention, and what undoes it, is tried with: each on an image of ours, and on one that is not. */
export function retentionCalls({ aws }: Session): RoleCalls {
  const onBoth = (
    action: string,
    call: (as: Clients, image: Image) => Promise<unknown>,
    wanted: Partial<ImageWanted> = {},
  ): RoleCalls => {
    const on = (tags: Record<string, string>) => async (as: Clients) => {
      made += 1;
      const image = await aws.control.addImage({ name: `retention-${made}`, tags, ageDays: 1, ...wanted });
      await call(as, image);
    };
    return { [`${action} of ours`]: on(ours('role-test')), [`${action} of others'`]: on(OTHERS) };
  };
  const tag =
    (Key: string) =>
    ({ ec2 }: Clients, { imageId, snapshotIds }: Image) =>
      ec2.send(
        new CreateTagsCommand({ Resources: [imageId, ...snapshotIds], Tags: [{ Key, Value: 'true' }] }),
      );
  const untag =
    (Key: string) =>
    ({ ec2 }: Clients, { imageId }: Image) =>
      ec2.send(new DeleteTagsCommand({ Resources: [imageId], Tags: [{ Key }] }));

  return {
    'ec2:DescribeLaunchTemplates': ({ ec2 }) => ec2.send(new DescribeLaunchTemplatesCommand({})),
    'ec2:DescribeLaunchTemplateVersions': ({ ec2 }) =>
      ec2.send(new DescribeLaunchTemplateVersionsCommand({ Versions: ['$Latest'] })),
    'ec2:DescribeImageUsageReports': ({ ec2 }) => ec2.send(new DescribeImageUsageReportsCommand({})),
    'ec2:DescribeImageUsageReportEntries': ({ ec2 }) =>
      ec2.send(new DescribeImageUsageReportEntriesCommand({})),
    'ec2:ListImagesInRecycleBin': ({ ec2 }) => ec2.send(new ListImagesInRecycleBinCommand({})),
    'autoscaling:DescribeAutoScalingGroups': ({ autoScaling }) =>
      autoScaling.send(new DescribeAutoScalingGroupsCommand({})),
    'autoscaling:DescribeLaunchConfigurations': ({ autoScaling }) =>
      autoScaling.send(new DescribeLaunchConfigurationsCommand({})),
    'autoscaling:DeleteAutoScalingGroup': ({ autoScaling }) =>
      autoScaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: 'none' })),
    ...onBoth('ec2:DescribeImageAttribute', ({ ec2 }, { imageId: ImageId }) =>
      ec2.send(new DescribeImageAttributeCommand({ ImageId, Attribute: 'launchPermission' })),
    ),
    ...onBoth('ec2:CreateImageUsageReport', ({ ec2 }, { imageId: ImageId }) =>
      ec2.send(
        new CreateImageUsageReportCommand({ ImageId, ResourceTypes: [{ ResourceType: 'ec2:Instance' }] }),
      ),
    ),
    ...onBoth('ec2:EnableImageDeprecation', ({ ec2 }, { imageId: ImageId }) =>
      ec2.send(new EnableImageDeprecationCommand({ ImageId, DeprecateAt: new Date(Date.now() + 600_000) })),
    ),
    ...onBoth(
      'ec2:DisableImageDeprecation',
      ({ ec2 }, { imageId: ImageId }) => ec2.send(new DisableImageDeprecationCommand({ ImageId })),
      { deprecationTime: daysAgo(1) },
    ),
    ...onBoth('ec2:DisableImage', ({ ec2 }, { imageId: ImageId }) =>
      ec2.send(new DisableImageCommand({ ImageId })),
    ),
    ...onBoth(
      'ec2:EnableImage',
      ({ ec2 }, { imageId: ImageId }) => ec2.send(new EnableImageCommand({ ImageId })),
      { state: 'disabled' },
    ),
    ...onBoth('ec2:ModifyImageAttribute', ({ ec2 }, { imageId: ImageId }) =>
      ec2.send(
        new ModifyImageAttributeCommand({ ImageId, LaunchPermission: { Add: [{ UserId: '999999999999' }] } }),
      ),
    ),
    // Of what is not in the bin, EC2 says so only to whom it may.
    ...onBoth('ec2:RestoreImageFromRecycleBin', ({ ec2 }, { imageId: ImageId }) =>
      mayEnd('InvalidAMIID.NotFound', ec2.send(new RestoreImageFromRecycleBinCommand({ ImageId }))),
    ),
    ...onBoth('ec2:RestoreSnapshotFromRecycleBin', ({ ec2 }, { snapshotIds: [SnapshotId] }) =>
      mayEnd('InvalidSnapshot.NotFound', ec2.send(new RestoreSnapshotFromRecycleBinCommand({ SnapshotId }))),
    ),
    ...onBoth('ec2:CreateTags amity:recycle', tag('amity:recycle')),
    ...onBoth('ec2:CreateTags Reason', tag('Reason')),
    ...onBoth('ec2:CreateTags amity:failed', ({ ec2 }, { imageId }) =>
      ec2.send(
        new CreateTagsCommand({ Resources: [imageId], Tags: [{ Key: 'amity:failed', Value: 'timeout' }] }),
      ),
    ),
    ...onBoth('ec2:CreateTags amity:disabled-at', ({ ec2 }, { imageId }) =>
      ec2.send(
        new CreateTagsCommand({ Resources: [imageId], Tags: [{ Key: 'amity:disabled-at', Value: 'now' }] }),
      ),
    ),
    ...onBoth('ec2:DeleteTags amity:recycle', untag('amity:recycle')),
    ...onBoth('ec2:DeleteTags amity:failed', untag('amity:failed')),
    ...onBoth('ec2:DeleteTags amity:keep', untag('amity:keep')),
  };
}
