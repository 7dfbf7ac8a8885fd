import {
  CreateImageCommand,
  type CreateImageCommandInput,
  DescribeImagesCommand,
  type DescribeImagesCommandInput,
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  EC2Client,
  type Filter,
  type Image,
  type Instance,
  type Tag,
} from '@aws-sdk/client-ec2';
import { mockClient } from 'aws-sdk-client-mock';
import { ec2Error } from './aws-errors.ts';
import { Calls } from './calls.ts';

export interface InstanceFacts {
  readonly id?: string;
  readonly name?: string;
  readonly state?: 'running' | 'stopped' | 'terminated';
  readonly launchedAt?: string;
  readonly rootDeviceType?: 'ebs' | 'instance-store';
}

export function instance(facts: InstanceFacts = {}): Instance {
  const { id = 'i-0123456789abcdef0', name = 'service-api', state = 'running' } = facts;
  const { launchedAt = '2025-01-01T00:00:00Z', rootDeviceType = 'ebs' } = facts;
  return {
    InstanceId: id,
    State: { Name: state },
    LaunchTime: new Date(launchedAt),
    RootDeviceType: rootDeviceType,
    Tags: [{ Key: 'Name', Value: name }],
  };
}

export interface ImageFacts {
  readonly id?: string;
  readonly name?: string;
  readonly state?: string;
  readonly createdAt?: string;
  readonly tags?: Record<string, string>;
  readonly snapshotIds?: readonly string[];
}

export function image(facts: ImageFacts = {}): Image {
  const { id = 'ami-00000000000000001', name = `name-of-${id}`, state = 'available', tags = {} } = facts;
  const { createdAt = '2025-01-01T00:00:00.000Z', snapshotIds = [id.replace('ami', 'snap')] } = facts;
  return {
    ImageId: id,
    Name: name,
    State: state as NonNullable<Image['State']>,
    CreationDate: createdAt,
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    BlockDeviceMappings: snapshotIds.map((SnapshotId) => ({ Ebs: { SnapshotId } })),
  };
}

/** EC2 in memory, with its own rules for the few calls that make an image. */
export class FakeEc2 {
  readonly mock = mockClient(EC2Client);
  readonly images: Image[] = [];
  instances: Instance[] = [instance()];
  /** Instances that DescribeInstances still shows, and CreateImage refuses. */
  readonly gone = new Set<string>();
  pageSize = 1000;
  #made = 0;

  constructor(calls = new Calls()) {
    this.mock
      .on(CreateImageCommand)
      .callsFake((input: CreateImageCommandInput) => calls.through('CreateImage', () => this.#create(input)));
    this.mock
      .on(DescribeInstancesCommand)
      .callsFake((input: DescribeInstancesCommandInput) =>
        calls.through('DescribeInstances', () => this.#describeInstances(input)),
      );
    this.mock
      .on(DescribeImagesCommand)
      .callsFake((input: DescribeImagesCommandInput) =>
        calls.through('DescribeImages', () => this.#describeImages(input)),
      );
  }

  /** Calls of CreateImage, as they were sent. */
  get creations(): CreateImageCommandInput[] {
    return this.mock.commandCalls(CreateImageCommand).map((call) => call.args[0].input);
  }

  #create({ InstanceId = '', Name = '', TagSpecifications = [] }: CreateImageCommandInput) {
    const found = this.instances.find((each) => each.InstanceId === InstanceId);
    if (!found) throw ec2Error('InvalidInstanceID.NotFound');
    if (this.gone.has(InstanceId)) throw ec2Error('IncorrectInstanceState');
    if (!/^[A-Za-z0-9()[\] ./\-'@_]{3,128}$/.test(Name)) throw ec2Error('InvalidAMIName.Malformed');
    if (this.images.some((each) => each.Name === Name && each.State !== 'deregistered')) {
      throw ec2Error('InvalidAMIName.Duplicate');
    }
    this.#made += 1;
    const ImageId = `ami-${this.#made.toString(16).padStart(17, '0')}`;
    const tags = TagSpecifications.find((each) => each.ResourceType === 'image')?.Tags ?? [];
    this.images.push({
      ...image({ id: ImageId, name: Name, state: 'pending', createdAt: new Date().toISOString() }),
      Tags: tags,
      SourceInstanceId: InstanceId,
    });
    return { ImageId };
  }

  #describeInstances({ Filters = [], NextToken }: DescribeInstancesCommandInput) {
    const matching = this.instances.filter((each) =>
      Filters.every((filter) => {
        if (filter.Name === 'instance-state-name') return filter.Values?.includes(each.State?.Name ?? '');
        return tagMatches(filter, each.Tags ?? []);
      }),
    );
    const { page, next } = this.#page(matching, NextToken);
    return { Reservations: page.map((each) => ({ Instances: [each] })), NextToken: next };
  }

  #describeImages({ ImageIds, Owners, Filters = [], NextToken }: DescribeImagesCommandInput) {
    const known = new Set(this.images.map((each) => each.ImageId));
    if (ImageIds?.some((id) => !known.has(id))) throw ec2Error('InvalidAMIID.NotFound');
    const matching = this.images.filter(
      (each) =>
        // Without an owner, it is this account's.
        (!Owners || Owners.includes(each.OwnerId ?? 'self')) &&
        (!ImageIds || ImageIds.includes(each.ImageId ?? '')) &&
        Filters.every((filter) => {
          if (filter.Name === 'name') return someMatch(filter, each.Name ?? '');
          if (filter.Name === 'image-id') return someMatch(filter, each.ImageId ?? '');
          return tagMatches(filter, each.Tags ?? []);
        }),
    );
    const { page, next } = this.#page(matching, NextToken);
    return { Images: structuredClone(page), NextToken: next };
  }

  #page<Each>(all: readonly Each[], token: string | undefined) {
    const start = Number(token ?? 0);
    const end = start + this.pageSize;
    return { page: all.slice(start, end), next: end < all.length ? String(end) : undefined };
  }
}

export function tagMatches(filter: Filter, tags: readonly Tag[]): boolean {
  if (filter.Name === 'tag-key') return tags.some(({ Key }) => someMatch(filter, Key ?? ''));
  const key = filter.Name?.replace(/^tag:/, '');
  return tags.some(({ Key, Value }) => Key === key && someMatch(filter, Value ?? ''));
}

export const someMatch = ({ Values = [] }: Filter, text: string) =>
  Values.some((value) => pattern(value).test(text));

/** EC2's filters: `*` and `?` are wildcards, a backslash makes the next character plain. */
function pattern(value: string): RegExp {
  const source = value.replace(/\\(.)|([*?])|([^\\*?]+)/gs, (_, plain, wild, text) =>
    wild ? (wild === '*' ? '.*' : '.') : (plain ?? text).replace(/[$(-+./?[-^{|}]/g, '\\$&'),
  );
  return new RegExp(`^${source}$`, 's');
}
