import type { ControlCall } from './control-call.ts';
import type { InRegion, SnapshotSize } from './control-types.ts';

export interface SnapshotWanted extends SnapshotSize {
  tags?: Record<string, string>;
  ageDays?: number;
  description?: string;
  /** Default `completed`. */
  snapshotState?: 'pending' | 'completed' | 'error';
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
}
