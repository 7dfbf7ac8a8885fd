import {
  DeleteSnapshotCommand,
  type DeleteSnapshotCommandInput,
  DeregisterImageCommand,
  type DeregisterImageCommandInput,
  DescribeImageReferencesCommand,
  type DescribeImageReferencesCommandInput,
  DescribeSnapshotsCommand,
  type Snapshot,
} from '@aws-sdk/client-ec2';
import { ec2Error } from './aws-errors.ts';
import { Calls } from './calls.ts';
import { FakeBus } from './fake-bus.ts';
import { FakeEc2, image } from './fake-ec2.ts';
import { FakeQueue } from './fake-queue.ts';

/** What clean-up touches: images with their snapshots, who uses them, and the bus for its report. */
export class CleanUpWorld {
  readonly calls = new Calls();
  readonly ec2 = new FakeEc2(this.calls);
  readonly bus = new FakeBus(this.calls);
  readonly queue = new FakeQueue(this.calls);
  /** ARNs that use an image. */
  readonly users = new Map<string, string[]>();
  /** What DeregisterImage answers for a snapshot; success without an entry. */
  readonly returnCodes = new Map<string, string>();
  /** The errors that DeleteSnapshot gives next, by snapshot. */
  readonly snapshotErrors = new Map<string, string[]>();
  /** Snapshots that carry our tag, of images that are there or not. */
  readonly snapshots: Snapshot[] = [];
  readonly deregistered: string[] = [];
  readonly deletedSnapshots: string[] = [];

  constructor() {
    const { mock } = this.ec2;
    mock
      .on(DescribeImageReferencesCommand)
      .callsFake((input: DescribeImageReferencesCommandInput) =>
        this.calls.through('DescribeImageReferences', () => this.#references(input)),
      );
    mock
      .on(DeregisterImageCommand)
      .callsFake((input: DeregisterImageCommandInput) =>
        this.calls.through('DeregisterImage', () => this.#deregister(input)),
      );
    mock
      .on(DescribeSnapshotsCommand)
      .callsFake(() => this.calls.through('DescribeSnapshots', () => ({ Snapshots: [...this.snapshots] })));
    mock
      .on(DeleteSnapshotCommand)
      .callsFake((input: DeleteSnapshotCommandInput) =>
        this.calls.through('DeleteSnapshot', () => this.#deleteSnapshot(input)),
      );
  }

  /** Images of ours, made so many days before now, that are named after their age. */
  has(...ages: number[]): void {
    for (const age of ages) this.add(age);
  }

  add(age: number, facts: Parameters<typeof image>[0] = {}, instanceName = 'service-api'): void {
    const createdAt = new Date(Date.now() - age * 86_400_000 - 1000).toISOString();
    const tags = { 'amity:instance-name': instanceName };
    this.ec2.images.push(image({ id: `ami-${String(age).padStart(8, '0')}`, createdAt, tags, ...facts }));
  }

  #references({ ImageIds = [], NextToken }: DescribeImageReferencesCommandInput) {
    if (ImageIds.length > 10) throw ec2Error('InvalidParameterValue', 'at most 10 images');
    const all = ImageIds.flatMap((ImageId) =>
      (this.users.get(ImageId) ?? []).map((Arn) => ({ ImageId, Arn })),
    );
    const start = Number(NextToken ?? 0);
    const next = start + this.ec2.pageSize;
    return {
      ImageReferences: all.slice(start, next),
      ...(next < all.length && { NextToken: String(next) }),
    };
  }

  #deregister({ ImageId = '', DeleteAssociatedSnapshots }: DeregisterImageCommandInput) {
    const index = this.ec2.images.findIndex((each) => each.ImageId === ImageId);
    if (index < 0) throw ec2Error('InvalidAMIID.Unavailable');
    const [gone] = this.ec2.images.splice(index, 1);
    this.deregistered.push(ImageId);
    if (!DeleteAssociatedSnapshots) return {};
    const results = (gone?.BlockDeviceMappings ?? []).map(({ Ebs }) => {
      const SnapshotId = Ebs?.SnapshotId ?? '';
      const ReturnCode = this.returnCodes.get(SnapshotId) ?? 'success';
      if (ReturnCode === 'success') this.deletedSnapshots.push(SnapshotId);
      return { SnapshotId, ReturnCode };
    });
    return { Return: true, DeleteSnapshotResults: results };
  }

  #deleteSnapshot({ SnapshotId = '' }: DeleteSnapshotCommandInput) {
    const error = this.snapshotErrors.get(SnapshotId)?.shift();
    if (error) throw ec2Error(error);
    this.deletedSnapshots.push(SnapshotId);
    return {};
  }
}
