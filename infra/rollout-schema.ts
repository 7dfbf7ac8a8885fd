import * as z from 'zod';
import { rebootWindow } from '../shared/domain/backup/window.ts';
import { flag, listOf, section, text, withoutDuplicates } from './config-fields.ts';
import { isSchedule, isTimeZone } from './schedule-expression.ts';

/** What follows the newest image. Which launch templates and groups do, their own tags say. */
export const RolloutConfig = section({
  instanceRoles: listOf(
    text(
      /^(arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,576}|[\w+=,.@-]{1,64})$/,
      'must be the name or the ARN of a role',
    ),
  )
    .refine(withoutDuplicates, 'must not name a role twice')
    .default([])
    .describe('Roles that launch templates, and moved instances, may pass to what they start'),
  dryRun: flag().default(false).describe('Tell what would be rolled out, or back, and change nothing'),
  schedule: z
    .string('must be a schedule expression')
    .refine(isSchedule, 'must be cron(minutes hours day-of-month month day-of-week year) or rate(value unit)')
    .default('cron(0 2 * * ? *)')
    .describe(
      'When everything that follows is brought to the newest image: EventBridge Scheduler expression',
    ),
  timeZone: z
    .string('must be an IANA time zone')
    .refine(isTimeZone, 'must be an IANA time zone, such as UTC or Asia/Seoul')
    .optional()
    .describe('Of that schedule; default: the time zone of everything'),
});

/** Instances with the tag `amity:consistent` are imaged, with a reboot, when AWS Backup has backed them up. */
export const BackupConfig = section({
  rebootWindow: z
    .string('must be a window, HH:MM-HH:MM')
    .refine(
      (window) => rebootWindow(window) !== undefined,
      'must be a window, HH:MM-HH:MM, such as 02:00-04:00',
    )
    .optional()
    .describe('When instances may be rebooted, in the configured time zone; without it, at once'),
});
