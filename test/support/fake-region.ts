import type {
  CreateTagsCommandInput,
  DeleteSnapshotCommandInput,
  DeleteTagsCommandInput,
  DeregisterImageCommandInput,
  DescribeImagesCommandInput,
  DescribeSnapshotsCommandInput,
  EnableImageDeprecationCommandInput,
  Filter,
  Image,
  LaunchPermission,
  ListImagesInRecycleBinCommandInput,
  ModifyImageAttributeCommandInput,
  Snapshot,
} from '@aws-sdk/client-ec2';
import { tagsOf } from '../../shared/aws/ec2.ts';
import { ec2Error } from './aws-errors.ts';
import { image, someMatch, tagMatches } from './fake-ec2.ts';

/** The full size of every snapshot. */
export const GIB = 1024 ** 3;

interface Answered<Each> {
  readonly page: Each[];
  readonly NextToken: string | undefined;
}

/** Images and snapshots of one region, in memory: what retention does with them, by EC2's own rules. */
export class FakeRegion {
  images: Image[] = [];
  snapshots: Snapshot[] = [];
  readonly binnedImages = new Map<string, Image>();
  readonly binnedSnapshots = new Map<string, Snapshot>();
  readonly permissions = new Map<string, LaunchPermission[]>();
  /** What DeregisterImage answers for a snapshot, which then stays; success without an entry. */
  readonly returnCodes = new Map<string, string>();
  /** The errors that DeleteSnapshot gives next, by snapshot. */
  readonly snapshotErrors = new Map<string, string[]>();
  readonly deregistered: string[] = [];
  readonly deletedSnapshots: string[] = [];
  /** How many times more the snapshots that came out of the bin are not ready. */
  recovering = 0;
  pageSize = 1000;

  /** An image with its snapshots, all with the same tags. */
  add(facts: Parameters<typeof image>[0] = {}): Image {
    const added = image(facts);
    this.images.push(added);
    for (const SnapshotId of snapshotIdsOf(added)) {
      if (this.snapshots.some((each) => each.SnapshotId === SnapshotId)) continue;
      this.snapshots.push({
        SnapshotId,
        State: 'completed',
        StartTime: new Date(added.CreationDate ?? ''),
        Description: `Created by CreateImage(i-0123456789abcdef0) for ${added.ImageId}`,
        FullSnapshotSizeInBytes: GIB,
        Tags: structuredClone(added.Tags ?? []),
      });
    }
    return added;
  }

  image(id: string): Image {
    const found = this.images.find(({ ImageId }) => ImageId === id);
    if (!found) throw ec2Error('InvalidAMIID.NotFound', `${id} does not exist`);
    return found;
  }

  tags(id: string): Readonly<Record<string, string>> {
    return tagsOf(this.#taggable(id).Tags);
  }

  page<Each>(all: readonly Each[], token: string | undefined): Answered<Each> {
    const start = Number(token ?? 0);
    const end = start + this.pageSize;
    return {
      page: structuredClone(all.slice(start, end)),
      NextToken: end < all.length ? String(end) : undefined,
    };
  }

  describeImages({ ImageIds, Filters = [], IncludeDisabled, NextToken }: DescribeImagesCommandInput) {
    for (const id of ImageIds ?? []) this.image(id);
    const matching = this.images.filter(
      (each) =>
        (!ImageIds || ImageIds.includes(each.ImageId ?? '')) &&
        (IncludeDisabled || each.State !== 'disabled') &&
        Filters.every((filter) => fits(filter, each)),
    );
    const { page: Images, NextToken: next } = this.page(matching, NextToken);
    return { Images, NextToken: next };
  }

  describeSnapshots({ Filters = [], NextToken }: DescribeSnapshotsCommandInput) {
    const matching = this.snapshots.filter((each) =>
      Filters.every((filter) =>
        filter.Name === 'snapshot-id'
          ? someMatch(filter, each.SnapshotId ?? '')
          : tagMatches(filter, each.Tags ?? []),
      ),
    );
    const { page: Snapshots, NextToken: next } = this.page(matching, NextToken);
    return { Snapshots, NextToken: next };
  }

  createTags({ Resources = [], Tags = [] }: CreateTagsCommandInput) {
    const all = Resources.map((id) => this.#taggable(id));
    for (const each of all) {
      const keys = new Set(Tags.map(({ Key }) => Key));
      each.Tags = [...(each.Tags ?? []).filter(({ Key }) => !keys.has(Key)), ...Tags];
    }
    return {};
  }

  deleteTags({ Resources = [], Tags = [] }: DeleteTagsCommandInput) {
    for (const each of Resources.map((id) => this.#taggable(id)))
      each.Tags = (each.Tags ?? []).filter(({ Key }) => !Tags.some((tag) => tag.Key === Key));
    return {};
  }

  deprecate({ ImageId = '', DeprecateAt }: EnableImageDeprecationCommandInput) {
    if (!DeprecateAt || DeprecateAt.getTime() <= Date.now()) throw ec2Error('InvalidParameterValue', 'past');
    this.image(ImageId).DeprecationTime = DeprecateAt.toISOString();
    return { Return: true };
  }

  undeprecate({ ImageId = '' }: { ImageId?: string | undefined }) {
    this.image(ImageId).DeprecationTime = undefined;
    return { Return: true };
  }

  /** Launch permissions are dropped for good. */
  disable({ ImageId = '' }: { ImageId?: string | undefined }) {
    this.image(ImageId).State = 'disabled';
    this.permissions.delete(ImageId);
    return { Return: true };
  }

  enable({ ImageId = '' }: { ImageId?: string | undefined }) {
    this.image(ImageId).State = 'available';
    return { Return: true };
  }

  share({ ImageId = '', LaunchPermission }: ModifyImageAttributeCommandInput) {
    this.image(ImageId);
    const known = this.permissions.get(ImageId) ?? [];
    const added = (LaunchPermission?.Add ?? []).filter(
      (each) => !known.some(({ UserId, Group }) => UserId === each.UserId && Group === each.Group),
    );
    this.permissions.set(ImageId, [...known, ...added]);
    return {};
  }

  deregister({ ImageId = '', DeleteAssociatedSnapshots }: DeregisterImageCommandInput) {
    const gone = this.images.find((each) => each.ImageId === ImageId);
    if (!gone) throw ec2Error('InvalidAMIID.Unavailable');
    if (gone.DeregistrationProtection === 'enabled') throw ec2Error('OperationNotPermitted', 'protected');
    this.images = this.images.filter((each) => each !== gone);
    this.deregistered.push(ImageId);
    if (recycled(gone)) this.binnedImages.set(ImageId, gone);
    if (!DeleteAssociatedSnapshots) return {};
    const DeleteSnapshotResults = snapshotIdsOf(gone).map((SnapshotId) => {
      const shared = this.images.some((each) => snapshotIdsOf(each).includes(SnapshotId));
      const ReturnCode = this.returnCodes.get(SnapshotId) ?? (shared ? 'skipped' : 'success');
      if (ReturnCode === 'success') this.#dropSnapshot(SnapshotId);
      return { SnapshotId, ReturnCode };
    });
    return { Return: true, DeleteSnapshotResults };
  }

  deleteSnapshot({ SnapshotId = '' }: DeleteSnapshotCommandInput) {
    const error = this.snapshotErrors.get(SnapshotId)?.shift();
    if (error) throw ec2Error(error);
    if (!this.#dropSnapshot(SnapshotId)) throw ec2Error('InvalidSnapshot.NotFound');
    return {};
  }

  listBin({ ImageIds, NextToken }: ListImagesInRecycleBinCommandInput) {
    for (const id of ImageIds ?? []) if (!this.binnedImages.has(id)) throw ec2Error('InvalidAMIID.NotFound');
    const { page: Images, NextToken: next } = this.page(
      [...this.binnedImages.values()].filter(({ ImageId = '' }) => !ImageIds || ImageIds.includes(ImageId)),
      NextToken,
    );
    return { Images, NextToken: next };
  }

  restoreImage({ ImageId = '' }: { ImageId?: string | undefined }) {
    const binned = this.binnedImages.get(ImageId);
    if (!binned) throw ec2Error('InvalidAMIID.NotFound');
    const there = new Set(this.snapshots.map(({ SnapshotId }) => SnapshotId));
    if (!snapshotIdsOf(binned).every((id) => there.has(id))) throw ec2Error('InvalidSnapshot.NotFound');
    this.recovering -= 1;
    if (this.recovering >= 0) throw ec2Error('IncorrectState', 'not completed');
    this.binnedImages.delete(ImageId);
    this.images.push(binned);
    return { Return: true };
  }

  restoreSnapshot({ SnapshotId = '' }: { SnapshotId?: string | undefined }) {
    const binned = this.binnedSnapshots.get(SnapshotId);
    if (!binned) throw ec2Error('InvalidSnapshot.NotFound');
    this.binnedSnapshots.delete(SnapshotId);
    this.snapshots.push(binned);
    return {};
  }

  #dropSnapshot(id: string): boolean {
    const gone = this.snapshots.find(({ SnapshotId }) => SnapshotId === id);
    if (!gone) return false;
    this.snapshots = this.snapshots.filter((each) => each !== gone);
    this.deletedSnapshots.push(id);
    if (recycled(gone)) this.binnedSnapshots.set(id, gone);
    return true;
  }

  #taggable(id: string): Image | Snapshot {
    const found =
      this.images.find(({ ImageId }) => ImageId === id) ??
      this.snapshots.find(({ SnapshotId }) => SnapshotId === id) ??
      this.binnedImages.get(id) ??
      this.binnedSnapshots.get(id);
    if (!found) throw ec2Error(id.startsWith('ami') ? 'InvalidAMIID.NotFound' : 'InvalidSnapshot.NotFound');
    return found;
  }
}

const recycled = ({ Tags }: Image | Snapshot) => tagsOf(Tags)['amity:recycle'] === 'true';

const snapshotIdsOf = ({ BlockDeviceMappings = [] }: Image): string[] =>
  BlockDeviceMappings.flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []);

function fits(filter: Filter, each: Image): boolean {
  if (filter.Name === 'state') return someMatch(filter, each.State ?? '');
  if (filter.Name === 'image-id') return someMatch(filter, each.ImageId ?? '');
  if (filter.Name === 'block-device-mapping.snapshot-id')
    return snapshotIdsOf(each).some((id) => someMatch(filter, id));
  return tagMatches(filter, each.Tags ?? []);
}
