import * as z from 'zod';
import { listOf, section, text, whole, withoutDuplicates } from './config-fields.ts';
import { policiesArePossible } from './retention-checks.ts';
import { isSchedule } from './schedule-expression.ts';

const age = (what: string) =>
  whole().optional().describe(`The age in days at which an image is ${what}; off by default`);

const NamedPolicy = section({
  names: listOf(
    text(/^\P{Cc}{1,255}$/u, 'must be an instance name of 1 to 255 characters, in which * is any text'),
  )
    .min(1, 'must name at least one instance name or pattern')
    .refine(withoutDuplicates, 'must not name a pattern twice')
    .describe('Instance names; * is any text'),
  deprecateDays: age('deprecated'),
  disableDays: age('disabled'),
  days: whole().optional().describe('The age in days at which an image is deleted'),
  keepNewest: whole().optional().describe('Available images of each name that age alone never touches'),
});

/** What becomes of images as they grow old. */
export const RetentionConfig = section({
  days: whole().default(14).describe('The age in days at which an image is deleted'),
  deprecateDays: age('deprecated: hidden from lists, still to be launched'),
  disableDays: age('disabled: not to be launched; who it was shared with is remembered'),
  keepNewest: whole().default(2).describe('Available images of a name that age alone never touches'),
  policies: listOf(NamedPolicy)
    .default([])
    .describe('By instance name; the first that matches counts, and what it does not say is as above'),
  schedule: z
    .string('must be a schedule expression')
    .refine(isSchedule, 'must be cron(minutes hours day-of-month month day-of-week year) or rate(value unit)')
    .default('cron(0 3 * * ? *)')
    .describe('EventBridge Scheduler expression, in the configured time zone'),
  maxDeletionsPerRun: whole().default(50).describe('The oldest first; the rest is kept for the next run'),
  stopAboveShare: z
    .number('must be a number above 0 and up to 1')
    .refine((share) => share > 0 && share <= 1, 'must be a number above 0 and up to 1')
    .meta({ exclusiveMinimum: 0, maximum: 1 })
    .default(0.5)
    .describe('A run that would take more than this share of 20 or more images away touches nothing'),
  recycleBinDays: z
    .number('must be a whole number from 0 to 365')
    .refine(
      (days) => Number.isInteger(days) && days >= 0 && days <= 365,
      'must be a whole number from 0 to 365',
    )
    .meta({ type: 'integer', minimum: 0, maximum: 365 })
    .default(7)
    .describe('How long the Recycle Bin keeps what is deleted; 0 is no bin: what is deleted is gone'),
  launchTemplateVersions: whole(10_000)
    .default(10)
    .describe("How many of a launch template's newest versions count as use; $Default and $Latest always do"),
  regions: listOf(text(/^[a-z]{2,}(-[a-z]+)+-\d+$/, 'must be a region, such as eu-west-1'))
    .refine(withoutDuplicates, 'must not name a region twice')
    .default([])
    .describe('Other regions that the daily run cleans too, and looks into for copies under way'),
}).superRefine(policiesArePossible, { when: ({ value }) => typeof value === 'object' && value !== null });
