/** EC2's states of an instance. */
export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';

/** EC2's states of an image, and any other text for a state that nobody knows yet. */
export type ImageState =
  | 'pending'
  | 'available'
  | 'invalid'
  | 'deregistered'
  | 'transient'
  | 'failed'
  | 'error'
  | 'disabled'
  | (string & {});

export interface InstanceWanted {
  /** The value of the `Name` tag. */
  name?: string;
  tags?: Record<string, string>;
  /** Default `running`. */
  state?: InstanceState;
  /** ISO 8601; default now. */
  launchTime?: string;
  /** An instance-store one has no volume, and cannot be imaged. */
  rootDeviceType?: 'ebs' | 'instance-store';
  /** Volumes besides the root volume. */
  extraVolumes?: number;
  imageId?: string;
}

export interface Instance {
  instanceId: string;
  name: string | null;
  state: InstanceState;
  launchTime: string;
  volumeIds: string[];
  /** How often CreateImage rebooted it (`NoReboot` false, and running). */
  reboots: number;
}

export interface StateReason {
  Code: string;
  Message: string;
}

export interface ImageWanted {
  name: string;
  ageDays?: number;
  /** Default `available`. */
  state?: ImageState;
  stateReason?: StateReason;
  tags?: Record<string, string>;
  /** Default: as `tags`. */
  snapshotTags?: Record<string, string>;
  /** How many snapshots of its own; default 1. */
  snapshots?: number;
  /** Images whose snapshots this one shares, besides its own. */
  shareSnapshotsOf?: string[];
  instanceId?: string;
  description?: string;
  /** Another account's, or Amazon's, which this account can only see when it is public. */
  ownerId?: string;
  public?: boolean;
}

export interface Image {
  imageId: string;
  name: string;
  state: ImageState;
  createdAt: string;
  snapshotIds: string[];
  tags: Record<string, string>;
}

interface FaultTarget {
  /** As in an endpoint's name: `ec2` (default), `dynamodb`, `events`, `states`, `sqs`, `ssm`, `lambda` … */
  service?: string;
  /** For example `CreateImage`. */
  action: string;
  /** How many calls it strikes; without, every one until it is removed. */
  times?: number;
  /** How many calls it lets pass first. */
  after?: number;
  /** Parameters as they are on the wire (`Name`, `ImageId.1`; JSON: the top level), with EC2's `*` and `?`. */
  match?: Record<string, string>;
}

/** What can be made to happen to a call. */
export type Fault = FaultTarget &
  (
    | { kind: 'throttle'; code?: string }
    | { kind: 'error'; code: string; message?: string; status?: number }
    | { kind: 'connection-reset' }
    | {
        kind: 'carried-out-answer-lost';
        /** Default: the connection is dropped. `error`: 500, or `status`, with `code`. */
        answer?: 'connection-reset' | 'error';
        /** Lose the answers of refused calls too (a Duplicate, say); default: of those that succeeded only. */
        alsoErrors?: boolean;
        status?: number;
        code?: string;
        message?: string;
      }
    | { kind: 'delay'; seconds: number }
    /** Entries of a batch (PutEvents, SQS batches) that fail, by index; the others are carried out. */
    | { kind: 'partial'; entries: number[]; code?: string; message?: string }
    /** CreateImage: how the image ends. */
    | { kind: 'image-fails'; state?: ImageState; code?: string; message?: string }
    /** CreateImage: DescribeImages does not know the image for so long. */
    | { kind: 'not-found-for'; seconds: number }
    /** CreateImage: how long the image is pending; without, for ever (`changeImage` ends it). */
    | { kind: 'pending-for'; seconds?: number }
    /** CreateImage: EC2 sends no event about the image. */
    | { kind: 'no-state-change-event' }
  );

export interface FaultInForce {
  id: number;
  service: string;
  action: string;
  kind: Fault['kind'];
  /** How many calls it has struck. */
  struck: number;
}

/** A call that the embedded AWS received, from outside or from one of its own services. */
export interface Call {
  id: number;
  /** Milliseconds since the epoch. */
  time: number;
  service: string;
  action: string;
  /** As on the wire: flat for EC2 (`Filter.1.Name`), the JSON body for most others. */
  params: Record<string, unknown>;
  status: number | null;
  errorCode: string | null;
  /** The kinds of the faults that struck it. */
  fault: string | null;
}

export interface Quotas {
  /** Snapshots pending in the region; EC2's default 100; null is no limit. */
  pending?: number | null;
  /** Snapshots pending of one volume; EC2's default 5. */
  pendingPerVolume?: number | null;
  /** Seconds between two snapshots of one volume; off by default, about 15 on AWS. */
  secondsBetween?: number | null;
}

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}
