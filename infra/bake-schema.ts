import * as z from 'zod';
import * as mini from 'zod/mini';
import { parameterOf } from '../shared/domain/bake/base-image.ts';
import { bakeFields, KEY_NEEDS_ENCRYPTION } from '../shared/events/bake-fields.ts';
import { flag, listOf, section, text, withoutDuplicates } from './config-fields.ts';
import { isSchedule } from './schedule-expression.ts';

const NAME = /^[\w+=,.@-]{1,128}$/;

/** The console gives an instance profile and its role one name; where they differ, both are named. */
const InstanceProfile = z.union(
  [
    text(NAME, 'must be the name of an instance profile'),
    section({
      name: text(NAME, 'must be the name of an instance profile'),
      role: text(/^([\w+=,.@-]{1,64})$/, 'must be the name of the role in the instance profile'),
    }),
  ],
  'must be the name of an instance profile, or an object with its name and its role',
);
export type InstanceProfile = z.infer<typeof InstanceProfile>;

export const profileName = (profile: InstanceProfile): string =>
  typeof profile === 'string' ? profile : profile.name;
export const roleName = (profile: InstanceProfile): string =>
  typeof profile === 'string' ? profile : profile.role;

const ids = (kind: string) =>
  listOf(text(new RegExp(`^${kind}-[0-9a-f]{8,17}$`), `must be an id, ${kind}-…`))
    .refine(withoutDuplicates, 'must not name one twice')
    .default([]);

/** How builders run, where a request does not say. */
export const Bake = section({
  instanceType: text(/^[a-z0-9-]+\.[a-z0-9-]+$/, 'must be an instance type, such as t3.small')
    .default('t3.small')
    .describe('Of builders; a request for an arm64 base image names one that fits'),
  subnetIds: ids('subnet').describe('Tried in this order; without one, EC2 chooses in the default VPC'),
  securityGroupIds: ids('sg').describe('Without one, each builder gets its own, which lets nothing in'),
  instanceProfiles: listOf(InstanceProfile)
    .refine((profiles) => withoutDuplicates(profiles.map(profileName)), 'must not name one twice')
    .default([])
    .describe(
      'What a request may give its builder; their roles get the permission to signal. Default: one that only signals',
    ),
  baseImageOwners: listOf(
    text(/^(self|amazon|aws-marketplace|\d{12})$/, 'must be self, amazon, aws-marketplace or an account id'),
  )
    .min(1, 'must name at least one owner')
    .default(['self', 'amazon'])
    .describe('Whose images may be base images'),
  userDataBuckets: listOf(text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be the name of an S3 bucket'))
    .default([])
    .describe('Where user data of more than 12 KB may lie, as s3://bucket/key'),
  kmsKeyArns: listOf(
    text(
      /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/,
      'must be the ARN of a KMS key, arn:aws:kms:…:key/…',
    ),
  )
    .default([])
    .describe('Customer keys that a request may encrypt its image with'),
});
export type Bake = z.infer<typeof Bake>;

/** A parameter, and not one version of it, which never changes. */
const isParameter = (baseImage: string): boolean => /^[^:]+$/.test(parameterOf(baseImage) ?? '');

/** A parameter of this account: SSM tells when it is written. AWS's own ones are only looked at. */
export const isOwnParameter = (baseImage: string): boolean =>
  isParameter(baseImage) && !/^\/?aws\//.test(parameterOf(baseImage) ?? '');

/** The parameters of this account that bakes are based on, by their names. */
export const ownParametersOf = (bakes: readonly { readonly baseImage: string }[]): string[] => [
  ...new Set(
    bakes.flatMap(({ baseImage }) => (isOwnParameter(baseImage) ? (parameterOf(baseImage) ?? []) : [])),
  ),
];

/** What is asked for again and again: the fields of an `AmiBakeRequested`, and when. */
const StandingBake = section({
  instanceName: bakeFields.instanceName,
  baseImage: bakeFields.baseImage,
  userData: bakeFields.userData,
  instanceType: mini.optional(bakeFields.instanceType),
  subnetId: mini.optional(bakeFields.subnetId),
  securityGroupIds: mini.optional(bakeFields.securityGroupIds),
  instanceProfile: mini.optional(bakeFields.instanceProfile),
  volumeSizeGib: mini.optional(bakeFields.volumeSizeGib),
  encrypted: mini.optional(bakeFields.encrypted),
  kmsKeyId: mini.optional(bakeFields.kmsKeyId),
  timeoutMinutes: mini.optional(bakeFields.timeoutMinutes),
  validate: mini.optional(bakeFields.validate),
  tags: mini.optional(bakeFields.tags),
  reason: mini.optional(bakeFields.reason),
  retentionDays: mini.optional(bakeFields.retentionDays),
  schedule: z
    .string('must be a schedule expression')
    .refine(isSchedule, 'must be cron(minutes hours day-of-month month day-of-week year) or rate(value unit)')
    .optional()
    .describe('EventBridge Scheduler expression, in the configured time zone'),
  onlyWhenBaseImageChanged: flag()
    .default(false)
    .describe(
      'Bake only where the image behind the SSM parameter is not the one that the newest image was baked from',
    ),
}).superRefine(canStart, { when: ({ value }) => typeof value === 'object' && value !== null });
export type StandingBake = z.infer<typeof StandingBake>;

/** As the functions have it: shared/runtime/standing-bakes.ts. */
export const asStandingBake = ({ schedule: _, onlyWhenBaseImageChanged, ...request }: StandingBake) => ({
  request,
  onlyWhenBaseImageChanged,
});

/** Images that are baked again and again. */
export const Bakes = listOf(StandingBake)
  .refine(
    (bakes) => withoutDuplicates(bakes.map(({ instanceName }) => instanceName)),
    'must not name an instance name twice',
  )
  .default([])
  .describe('Bakes on a schedule, or when the SSM parameter of their base image is written');

/** One that nothing would ever start is a mistake. */
function canStart(
  { baseImage, schedule, onlyWhenBaseImageChanged, encrypted, kmsKeyId }: Record<string, unknown>,
  context: z.core.$RefinementCtx,
): void {
  const report = (key: string, message: string) =>
    context.addIssue({ code: 'custom', message, path: [key], input: undefined });
  if (typeof baseImage !== 'string') return;
  if (schedule === undefined && !isOwnParameter(baseImage)) {
    report('schedule', 'must be given: only a parameter of this account tells by itself that it was written');
  }
  if (onlyWhenBaseImageChanged === true && !isParameter(baseImage)) {
    report('onlyWhenBaseImageChanged', `must be left out: ${baseImage} never changes, only a parameter does`);
  }
  if (kmsKeyId !== undefined && encrypted !== true) report('kmsKeyId', KEY_NEEDS_ENCRYPTION);
}
