import type { Failure } from '../failures.ts';
import type { BakeSpec } from './spec.ts';

const REFERENCE = 'resolve:ssm:';

/** The SSM parameter that a base image is named by, perhaps of one version (`name:3`); nothing where it is named by its id. */
export const parameterOf = (baseImage: string): string | undefined =>
  baseImage.startsWith(REFERENCE) ? baseImage.slice(REFERENCE.length) : undefined;

/** What EC2 says of an image that a builder may be started from. */
export interface BaseImage {
  readonly imageId: string;
  readonly state: string;
  readonly ownerId: string;
  /** `amazon`, `aws-marketplace`, or nothing. */
  readonly ownerAlias?: string | undefined;
  readonly architecture: string;
  readonly isWindows: boolean;
  readonly rootDeviceType: string;
  readonly rootDeviceName: string;
  /** Of EBS; others keep nothing. */
  readonly disks: readonly Disk[];
}

interface Disk {
  readonly device: string;
  readonly sizeGib: number;
}

export interface Fitting {
  readonly accountId: string;
  /** `self`, `amazon`, `aws-marketplace` or account ids. */
  readonly owners: readonly string[];
  readonly instanceType: string;
  /** Nothing when EC2 knows no such type here. */
  readonly typeArchitectures: readonly string[] | undefined;
  readonly volumeSizeGib?: number | undefined;
}

/** Why no builder can be started from an image, if so: all of it is asked before anything is. */
export function unfit(image: BaseImage, fitting: Fitting): Failure | undefined {
  const { imageId, state, architecture } = image;
  const refuse = (why: string): Failure => ({ code: 'base-image-refused', message: `${imageId} ${why}` });
  if (state !== 'available') return refuse(`is ${state}, not available.`);
  if (!isAllowed(image, fitting)) {
    return refuse(
      `belongs to ${image.ownerAlias ?? image.ownerId}, which bake.baseImageOwners does not list.`,
    );
  }
  if (image.isWindows) return refuse('is a Windows image: the user data is run by cloud-init, on Linux.');
  if (image.rootDeviceType !== 'ebs')
    return refuse('has no EBS root volume: EC2 could not image its builder.');
  const root = image.disks.find(({ device }) => device === image.rootDeviceName);
  if (root && fitting.volumeSizeGib && fitting.volumeSizeGib < root.sizeGib) {
    return refuse(
      `has a root volume of ${root.sizeGib} GiB; volume_size_gib is ${fitting.volumeSizeGib}, and must be as large.`,
    );
  }
  const { instanceType, typeArchitectures } = fitting;
  if (typeArchitectures?.includes(architecture)) return undefined;
  const runs = typeArchitectures?.length
    ? `runs ${typeArchitectures.join(' and ')}`
    : 'is not known to EC2 in this region';
  return {
    code: 'architecture-mismatch',
    message: `${imageId} is for ${architecture}; the instance type ${instanceType} ${runs}.`,
  };
}

const isAllowed = ({ ownerId, ownerAlias }: BaseImage, { owners, accountId }: Fitting): boolean =>
  owners.some((owner) =>
    owner === 'self' ? ownerId === accountId : owner === ownerAlias || owner === ownerId,
  );

export interface DiskWanted {
  readonly device: string;
  readonly sizeGib?: number | undefined;
  readonly encrypted?: true | undefined;
  readonly kmsKeyId?: string | undefined;
}

/** The builder's disks: those of its image, none of which outlives it, whatever the image says. */
export const disksFor = (
  { disks, rootDeviceName }: BaseImage,
  { volumeSizeGib, encrypted, kmsKeyId }: Pick<BakeSpec, 'volumeSizeGib' | 'encrypted' | 'kmsKeyId'>,
): DiskWanted[] =>
  disks.map(({ device }) => ({
    device,
    sizeGib: device === rootDeviceName ? volumeSizeGib : undefined,
    encrypted: encrypted || undefined,
    kmsKeyId: encrypted ? kmsKeyId : undefined,
  }));
