import {
  CopyImageCommand,
  CreateImageCommand,
  CreateSnapshotCommand,
  CreateTagsCommand,
  DeleteSnapshotCommand,
  DeleteTagsCommand,
  DeregisterImageCommand,
  DescribeImageReferencesCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { Session } from '../../../local/session.ts';
import { ours } from './flow.ts';
import type { RoleCalls } from './role-calls.ts';
import { retentionCalls } from './role-calls-retention.ts';
import { type Clients, mayEnd } from './roles.ts';

const OTHERS = { Name: 'by hand', Reason: 'Deploy' };
let made = 0;

/** What a role is tried with on EC2; each on an image or instance made for it. */
export function ec2Calls(session: Session): RoleCalls {
  const { control } = session.aws;
  const image = (tags: Record<string, string>) => {
    made += 1;
    return control.addImage({ name: `role-test-${made}`, tags, ageDays: 1 });
  };
  const onImage =
    (
      tags: Record<string, string>,
      call: (as: Clients, imageId: string, snapshotId: string) => Promise<unknown>,
    ) =>
    async (as: Clients) => {
      const { imageId, snapshotIds } = await image(tags);
      await call(as, imageId, snapshotIds[0] ?? '');
    };
  /** CreateImage with tags on the image and on its snapshots. */
  const create =
    (onTheImage: object, onSnapshots: object = onTheImage, onInstance: Record<string, string> = {}) =>
    async ({ ec2 }: Clients) => {
      const { instanceId } = await control.startInstance({ name: 'role-test', tags: onInstance });
      made += 1;
      const TagSpecifications = Object.entries({ image: onTheImage, snapshot: onSnapshots })
        .map(([kind, tags]) => ({
          ResourceType: kind as 'image' | 'snapshot',
          Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
        }))
        .filter(({ Tags }) => Tags.length > 0);
      const Name = `role-made-${made}`;
      await ec2
        .send(new CreateImageCommand({ InstanceId: instanceId, Name, TagSpecifications }))
        .finally(() => control.changeInstance(instanceId, { state: 'terminated' }));
    };
  const tags = ours('role-test');
  const mine = [{ Key: 'amity:instance-name', Value: 'mine' }];

  return {
    'ec2:DescribeInstances': ({ ec2 }) => ec2.send(new DescribeInstancesCommand({})),
    'ec2:DescribeImages': ({ ec2 }) => ec2.send(new DescribeImagesCommand({ Owners: ['self'] })),
    'ec2:DescribeSnapshots': ({ ec2 }) => ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] })),
    ...retentionCalls(session),
    'ec2:DescribeImageReferences': onImage(tags, ({ ec2 }, id) =>
      ec2.send(new DescribeImageReferencesCommand({ ImageIds: [id], IncludeAllResourceTypes: true })),
    ),
    'ec2:CreateImage': create(tags),
    'ec2:CreateImage of a builder': create(tags, tags, { 'amity:builder': 'role-test' }),
    'ec2:CreateImage without tags': create({}),
    'ec2:CreateImage without a request id': create({ 'amity:instance-name': 'role-test' }),
    'ec2:CreateImage without an instance name': create({ 'amity:request-id': 'role-test' }),
    'ec2:CreateImage of untagged snapshots': create(tags, {}),
    'ec2:CreateTags that make an image ours': onImage(OTHERS, ({ ec2 }, id) =>
      ec2.send(new CreateTagsCommand({ Resources: [id], Tags: mine })),
    ),
    'ec2:DeleteTags': onImage(tags, ({ ec2 }, id) =>
      ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: [{ Key: 'amity:instance-name' }] })),
    ),
    'ec2:DeregisterImage of ours': onImage(tags, ({ ec2 }, ImageId) =>
      ec2.send(new DeregisterImageCommand({ ImageId, DeleteAssociatedSnapshots: true })),
    ),
    "ec2:DeregisterImage of others'": onImage(OTHERS, ({ ec2 }, ImageId) =>
      ec2.send(new DeregisterImageCommand({ ImageId })),
    ),
    'ec2:DeleteSnapshot of ours': onImage(tags, ({ ec2 }, _, SnapshotId) =>
      mayEnd('InvalidSnapshot.InUse', ec2.send(new DeleteSnapshotCommand({ SnapshotId }))),
    ),
    "ec2:DeleteSnapshot of others'": onImage(OTHERS, ({ ec2 }, _, SnapshotId) =>
      ec2.send(new DeleteSnapshotCommand({ SnapshotId })),
    ),
    'ec2:CopyImage': onImage(tags, ({ ec2 }, SourceImageId) =>
      ec2.send(new CopyImageCommand({ SourceImageId, SourceRegion: 'us-east-1', Name: `copy-${made}` })),
    ),
    'ec2:CreateSnapshot': ({ ec2 }) => ec2.send(new CreateSnapshotCommand({ VolumeId: 'vol-0' })),
    'ec2:RunInstances': onImage(tags, ({ ec2 }, ImageId) =>
      ec2.send(new RunInstancesCommand({ ImageId, MinCount: 1, MaxCount: 1 })),
    ),
  };
}
