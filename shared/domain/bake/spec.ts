import type { AmiBakeRequested } from '../../events/ami-bake-requested.ts';
import type { Problem } from '../../events/problems.ts';
import type { Failure } from '../failures.ts';
import type { Wanted } from '../new-request.ts';

/** How an image is baked, everything decided: what a request says, and what the configuration says where it is silent. */
export interface BakeSpec {
  /** `ami-…` or `resolve:ssm:…`. */
  readonly baseImage: string;
  readonly userData: string;
  readonly instanceType: string;
  /** Tried in this order; none is for EC2 to choose, in the default VPC. */
  readonly subnetIds: readonly string[];
  /** None is one of its own, which lets nothing in. */
  readonly securityGroupIds: readonly string[];
  readonly instanceProfile: string;
  readonly volumeSizeGib?: number | undefined;
  readonly encrypted: boolean;
  readonly kmsKeyId?: string | undefined;
  readonly timeoutMinutes: number;
  readonly validate?: string | undefined;
  /** Known once it is resolved. */
  readonly baseImageId?: string | undefined;
}

/** Of the configuration: infra/bake.ts. */
export interface BakeDefaults {
  readonly instanceType: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
  /** The first is the one that Amity deploys, and the default. */
  readonly instanceProfiles: readonly string[];
  /** ARNs of the customer keys that may encrypt. */
  readonly kmsKeyArns: readonly string[];
}

/** Beside a function's own file: what the environment of a function holds is too little for scripts. */
export const BAKES_FILE = 'bakes.json';

const DEFAULT_TIMEOUT_MINUTES = 10;

type Asked = Pick<AmiBakeRequested, 'instanceProfile' | 'kmsKeyId'>;

/** What a request may not ask for here: roles and keys are the configuration's to name. */
export function notAllowed({ instanceProfile, kmsKeyId }: Asked, defaults: BakeDefaults): Problem[] {
  const problems: Problem[] = [];
  if (instanceProfile !== undefined && !defaults.instanceProfiles.includes(instanceProfile)) {
    const listed = defaults.instanceProfiles.slice(1).join(', ') || 'none';
    const detail = `must be one of bake.instanceProfiles in the configuration (${listed}), got ${instanceProfile}`;
    problems.push({ pointer: '/instanceProfile', detail });
  }
  const isKey = (arn: string) => arn === kmsKeyId || arn.endsWith(`:key/${kmsKeyId}`);
  if (kmsKeyId !== undefined && !defaults.kmsKeyArns.some(isKey)) {
    const detail = `must be one of bake.kmsKeyArns in the configuration, or its id, got ${kmsKeyId}`;
    problems.push({ pointer: '/kmsKeyId', detail });
  }
  return problems;
}

/** A request for a bake as any other request: what it is named for, and how it is made. */
export function bakeWanted(asked: AmiBakeRequested, defaults: BakeDefaults): Wanted | Failure {
  const problems = notAllowed(asked, defaults);
  if (problems.length > 0) {
    const message = problems.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; ');
    return { code: 'invalid-request', message: `${message}.` };
  }
  const { instanceName, reason, tags, retentionDays } = asked;
  return {
    instanceName,
    reason,
    tags,
    retentionDays,
    // A builder is stopped when it is imaged.
    noReboot: true,
    bake: {
      baseImage: asked.baseImage,
      userData: asked.userData,
      instanceType: asked.instanceType ?? defaults.instanceType,
      subnetIds: asked.subnetId ? [asked.subnetId] : defaults.subnetIds,
      securityGroupIds: asked.securityGroupIds ?? defaults.securityGroupIds,
      instanceProfile: asked.instanceProfile ?? defaults.instanceProfiles[0] ?? '',
      volumeSizeGib: asked.volumeSizeGib,
      encrypted: asked.encrypted ?? false,
      kmsKeyId: asked.kmsKeyId,
      timeoutMinutes: asked.timeoutMinutes ?? DEFAULT_TIMEOUT_MINUTES,
      validate: asked.validate,
    },
  };
}
