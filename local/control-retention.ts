import { type ControlCall, withQuery } from './control-call.ts';
import type { InRegion, SnapshotSize } from './control-types.ts';

export interface SnapshotWanted extends SnapshotSize {
  tags?: Record<string, string>;
  ageDays?: number;
  description?: string;
  /** Default `completed`. */
  snapshotState?: 'pending' | 'completed' | 'error';
}

/** What a usage report counts. */
export type UsedAs =
  | 'ec2:Instance'
  | 'ec2:LaunchTemplate'
  | 'imagebuilder:ImageRecipe'
  | 'imagebuilder:ContainerRecipe';

export interface UsageReportWanted {
  imageId: string;
  /** 30 and more: it has expired. */
  ageDays?: number;
  /** Default `available`: with the usage as it is set now. */
  state?: 'pending' | 'available' | 'error';
  stateReason?: string;
  /** Default: all. */
  resourceTypes?: UsedAs[];
  /** Default: all. */
  accountIds?: string[];
}

/** What decides whether an image may go, where this account has no API call to make it. */
export class Retention {
  readonly #call: ControlCall;

  constructor(call: ControlCall) {
    this.#call = call;
  }

  /** A finished snapshot that belongs to no image. */
  addSnapshot(wanted: SnapshotWanted & InRegion = {}): Promise<{ snapshotId: string; volumeId: string }> {
    return this.#call('POST', 'snapshots', wanted);
  }

  /** An Image Builder recipe that is based on an image: DescribeImageReferences gives its ARN. */
  addRecipe(
    wanted: { imageId: string; kind?: 'image' | 'container'; name?: string } & InRegion,
  ): Promise<{ arn: string }> {
    return this.#call('POST', 'recipes', wanted);
  }

  /** How much another account uses an image, for the reports that are made from now on. 0: no more. */
  setUsage(
    wanted: { imageId: string; accountId: string; count: number; resourceType?: UsedAs } & InRegion,
  ): Promise<null> {
    return this.#call('PUT', 'usage', wanted);
  }

  /** A usage report of any age and state. CreateImageUsageReport makes one of now. */
  addUsageReport(wanted: UsageReportWanted & InRegion): Promise<{ reportId: string }> {
    return this.#call('POST', 'usage-reports', wanted);
  }

  /** As if the retention of everything in the Recycle Bin had run out: it is gone for good. */
  emptyRecycleBin(only: InRegion = {}): Promise<null> {
    return this.#call('DELETE', withQuery('recycle-bin', only));
  }
}
