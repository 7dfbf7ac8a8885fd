export type * from './control-faults.ts';

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

/** Where to act; default: the region that the embedded AWS was started in. */
export interface InRegion {
  region?: string;
}

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

interface StateReason {
  Code: string;
  Message: string;
}

/** What an API call could set, but for its past. */
interface ImageSettings {
  ageDays?: number;
  /** `enabled`: without a cooldown. */
  deregistrationProtection?: 'enabled' | 'enabled-with-cooldown' | 'disabled';
  /** ISO 8601, in the past too; null: not deprecated. */
  deprecationTime?: string | null;
  launchPermissions?: LaunchPermission[];
}

/** One of the four, as EC2 has it. */
interface LaunchPermission {
  UserId?: string;
  Group?: 'all';
  OrganizationArn?: string;
  OrganizationalUnitArn?: string;
}

export interface ImageChange extends ImageSettings {
  state?: ImageState;
  stateReason?: StateReason;
}

export interface ImageWanted extends ImageSettings, SnapshotSize {
  name: string;
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
  /** The image that it is a copy of, or that its instance was started from. */
  sourceImageId?: string;
  sourceImageRegion?: string;
  description?: string;
  /** Default `x86_64`. */
  architecture?: 'x86_64' | 'arm64';
  /** Another account's, or Amazon's, which this account can only see when it is public. */
  ownerId?: string;
  public?: boolean;
}

/** Of each snapshot. */
export interface SnapshotSize {
  /** GiB; default 8. */
  volumeSize?: number;
  /** `FullSnapshotSizeInBytes`; default: the whole volume. */
  snapshotBytes?: number;
}

export interface Image {
  imageId: string;
  name: string;
  state: ImageState;
  createdAt: string;
  snapshotIds: string[];
  tags: Record<string, string>;
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
