import * as z from 'zod';
import { ANNOUNCED } from '../shared/events/index.ts';
import { Api } from './api-schema.ts';
import { Bake, Bakes } from './bake-schema.ts';
import { pollsFit, receiversDiffer } from './config-checks.ts';
import { accounts, flag, listOf, section, text, whole, withoutDuplicates } from './config-fields.ts';
import { RetentionConfig } from './retention-schema.ts';
import { BackupConfig, RolloutConfig } from './rollout-schema.ts';
import { isTimeZone } from './schedule-expression.ts';

const DAY = 1440;

const Notification = section({
  format: z.literal('jandi', 'must be "jandi"').describe('What the receiver understands'),
  urlParameter: text(
    /^(\/[A-Za-z0-9_.-]+)+$/,
    'must be the name of an SSM parameter that begins with /, such as /amity/webhook-url',
  ).describe('SSM SecureString parameter that holds the webhook URL: a secret, read at run time'),
  events: listOf(z.enum(ANNOUNCED, `must be one of ${ANNOUNCED.join(', ')}`))
    .min(1, 'must name at least one event')
    .refine(withoutDuplicates, 'must not name an event twice')
    .default([...ANNOUNCED])
    .describe('What this receiver is told; everything by default'),
  kmsKeyArn: text(
    /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/,
    'must be the ARN of a KMS key, arn:aws:kms:…:key/…',
  )
    .optional()
    .describe('The customer key that encrypts the parameter; without it, the key of SSM itself'),
});

const Publishers = section({
  accounts: accounts(),
  organizationId: text(/^o-[a-z0-9]{10,32}$/, 'must be an organization id, o-…').optional(),
  allowReboot: flag().default(false).describe('Whether requests of other accounts may reboot instances'),
});

/** The configuration file as design.md has it; `amity.config.schema.json` is made from this. */
export const Config = section({
  $schema: z.string('must be the address of a JSON Schema').optional(),
  stackName: text(
    /^[A-Za-z][A-Za-z0-9-]{0,127}$/,
    'must be a stack name: a letter, then letters, digits and -',
  ).default('Amity'),
  busName: text(
    /^(?!default$|aws\.)[A-Za-z0-9_.-]{1,256}$/,
    'must be the name of a bus of its own: letters, digits and _ . -, neither "default" nor "aws.…"',
  ).default('amity'),
  timeZone: z
    .string('must be an IANA time zone')
    .refine(isTimeZone, 'must be an IANA time zone, such as UTC or Asia/Seoul')
    .default('UTC')
    .describe('IANA name, for image names and schedules'),
  reason: z
    .string('must be a text')
    .regex(/^\P{Cc}{1,128}$/u, 'must have 1 to 128 characters, no control characters')
    .default('Deploy'),
  noReboot: flag().default(true),
  requests: section({
    deadlineMinutes: whole(12 * DAY)
      .default(1440)
      .describe('From when the queue got a request; then AmiFailed. Less than the 14 days that SQS keeps it'),
  }).prefault({}),
  waiter: section({
    pollSeconds: whole(DAY * 60)
      .default(300)
      .describe('The fallback: the event of EC2 wakes the waiter at once'),
    timeoutMinutes: whole(20 * DAY).default(1440),
  })
    .check(pollsFit)
    .prefault({}),
  retention: RetentionConfig.prefault({}),
  bake: Bake.prefault({}).describe('How builders run, where a request does not say'),
  bakes: Bakes,
  rollout: RolloutConfig.prefault({}).describe('How launch templates and groups get the newest image'),
  backup: BackupConfig.prefault({}).describe(
    'Consistent images of what AWS Backup backs up without a reboot',
  ),
  archive: section({
    retentionDays: whole(365).default(90),
  }).prefault({}),
  notifications: listOf(Notification).check(receiversDiffer).default([]),
  publishers: Publishers.prefault({}).describe(
    'Who else may put AmiRequested on the bus, and nothing but that',
  ),
  api: Api.prefault({}).describe('Who may call POST /create-ami, and how often'),
  alarms: section({
    enabled: flag().default(true),
  })
    .prefault({})
    .describe('CloudWatch alarms, which tell the SNS topic AlarmTopicArn'),
});
export type Config = z.infer<typeof Config>;
export type Notification = Config['notifications'][number];
