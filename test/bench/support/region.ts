import type {
  CreateTagsCommandInput,
  DeleteSnapshotCommandInput,
  DeregisterImageCommandInput,
  DescribeImageReferencesCommandInput,
  DescribeImagesCommandInput,
  DescribeInstancesCommandInput,
  DescribeSnapshotsCommandInput,
  Filter,
  Image,
  Instance,
  Snapshot,
  Tag,
} from '@aws-sdk/client-ec2';
import { ec2Error } from '../../support/aws-errors.ts';

type Answer = { readonly output: object; readonly items: number } | { readonly error: Error };

interface Page {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

/** Images, snapshots and instances, and what EC2 says of them. */
export class Region {
  readonly images = new Map<string, Image>();
  readonly snapshots = new Map<string, Snapshot>();
  readonly instances: Instance[] = [];
  /** How often it was asked who uses an image, by image; and how many images were asked about, call by call. */
  readonly asked = new Map<string, number>();
  readonly batches: number[] = [];

  answer(action: string, input: object): Answer {
    const answers: Record<string, ((input: never) => object) | undefined> = {
      DescribeImages: (query: DescribeImagesCommandInput) =>
        paged('Images', matching([...this.images.values()], query.Filters, imageValues), query),
      DescribeSnapshots: (query: DescribeSnapshotsCommandInput) =>
        paged('Snapshots', matching([...this.snapshots.values()], query.Filters, snapshotValues), query),
      DescribeInstances: (query: DescribeInstancesCommandInput) =>
        paged(
          'Reservations',
          this.instances.map((each) => ({ Instances: [each] })),
          query,
        ),
      DescribeImageReferences: (query: DescribeImageReferencesCommandInput) => this.#references(query),
      DescribeImageAttribute: () => ({ LaunchPermissions: [] }),
      DescribeLaunchTemplates: () => ({ LaunchTemplates: [] }),
      DescribeLaunchTemplateVersions: () => ({ LaunchTemplateVersions: [] }),
      ListImagesInRecycleBin: () => ({ Images: [] }),
      CreateTags: (change: CreateTagsCommandInput) => this.#tag(change),
      DeregisterImage: (change: DeregisterImageCommandInput) => this.#deregister(change),
      DeleteSnapshot: (change: DeleteSnapshotCommandInput) => this.#deleteSnapshot(change),
    };
    const known = answers[action];
    if (!known) throw new Error(`The virtual EC2 has no ${action}`);
    try {
      const output = known(input as never);
      const items = Object.values(output).flatMap((each) => (Array.isArray(each) ? each : [])).length;
      return { output, items };
    } catch (error) {
      return { error: error instanceof Error ? error : new Error(String(error)) };
    }
  }

  #references({ ImageIds = [] }: DescribeImageReferencesCommandInput) {
    if (ImageIds.length > 10) throw ec2Error('InvalidParameterValue', 'at most 10 images');
    this.batches.push(ImageIds.length);
    for (const id of ImageIds) {
      this.asked.set(id, (this.asked.get(id) ?? 0) + 1);
      if (!this.images.has(id)) throw ec2Error('InvalidAMIID.NotFound');
    }
    const using = this.instances.filter(({ ImageId }) => ImageId && ImageIds.includes(ImageId));
    return {
      ImageReferences: using.map(({ ImageId, InstanceId }) => ({
        ImageId,
        Arn: `arn:aws:ec2:us-east-1:000000000000:instance/${InstanceId}`,
      })),
    };
  }

  #tag({ Resources = [], Tags = [] }: CreateTagsCommandInput) {
    const keys = new Set(Tags.map(({ Key }) => Key));
    for (const id of Resources) {
      const tagged = this.images.get(id) ?? this.snapshots.get(id);
      if (!tagged) throw ec2Error('InvalidID');
      tagged.Tags = [...(tagged.Tags ?? []).filter(({ Key }) => !keys.has(Key)), ...Tags];
    }
    return {};
  }

  #deregister({ ImageId = '', DeleteAssociatedSnapshots }: DeregisterImageCommandInput) {
    const gone = this.images.get(ImageId);
    if (!gone) throw ec2Error('InvalidAMIID.Unavailable');
    this.images.delete(ImageId);
    if (!DeleteAssociatedSnapshots) return {};
    const DeleteSnapshotResults = snapshotsOf(gone).map((SnapshotId) => {
      this.snapshots.delete(SnapshotId);
      return { SnapshotId, ReturnCode: 'success' };
    });
    return { Return: true, DeleteSnapshotResults };
  }

  #deleteSnapshot({ SnapshotId = '' }: DeleteSnapshotCommandInput) {
    if (!this.snapshots.delete(SnapshotId)) throw ec2Error('InvalidSnapshot.NotFound');
    return {};
  }
}

export const snapshotsOf = ({ BlockDeviceMappings = [] }: Image): string[] =>
  BlockDeviceMappings.flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []);

type Values<Item> = (item: Item, filter: string) => readonly (string | undefined)[];

function matching<Item>(items: Item[], filters: Filter[] = [], valuesOf: Values<Item>): Item[] {
  const wanted = filters.map(({ Name = '', Values }) => ({ Name, of: new Set<string | undefined>(Values) }));
  return items.filter((item) =>
    wanted.every(({ Name, of }) => valuesOf(item, Name).some((value) => of.has(value))),
  );
}

const imageValues: Values<Image> = (image, filter) => {
  if (filter === 'image-id') return [image.ImageId];
  if (filter === 'state') return [image.State];
  return tagValues(image.Tags, filter);
};

const snapshotValues: Values<Snapshot> = (snapshot, filter) =>
  filter === 'snapshot-id' ? [snapshot.SnapshotId] : tagValues(snapshot.Tags, filter);

function tagValues(tags: Tag[] = [], filter: string): (string | undefined)[] {
  if (filter === 'tag-key') return tags.map(({ Key }) => Key);
  if (!filter.startsWith('tag:')) throw new Error(`The virtual EC2 does not know the filter ${filter}`);
  return tags.filter(({ Key }) => `tag:${Key}` === filter).map(({ Value }) => Value);
}

function paged<Item>(name: string, items: Item[], { MaxResults = 1000, NextToken = '0' }: Page) {
  const end = Number(NextToken) + MaxResults;
  return {
    [name]: items.slice(Number(NextToken), end),
    ...(end < items.length && { NextToken: String(end) }),
  };
}
