import * as z from 'zod/mini';
import { rebootWindow } from '../domain/backup/window.ts';
import { environment, flag, text } from './environment.ts';

/** Not to be read is not to be absent: else a mistake would reboot by day. */
const readable = text.check(z.refine((value) => rebootWindow(value) !== undefined, 'must be HH:MM-HH:MM'));

/** What the consistent backups need, as infra/constructs/reboot-window.ts writes it. */
export function backupEnvironment() {
  const env = environment({
    BUS_NAME: text,
    TIME_ZONE: text,
    DRY_RUN: flag,
    REBOOT_WINDOW: z.optional(readable),
  });
  const window = env.REBOOT_WINDOW === undefined ? undefined : rebootWindow(env.REBOOT_WINDOW);
  return {
    busName: env.BUS_NAME,
    timeZone: env.TIME_ZONE,
    dryRun: env.DRY_RUN,
    window,
    later: window && { timeZone: env.TIME_ZONE, ...laterEnvironment() },
  };
}

function laterEnvironment() {
  const env = environment({
    BUS_ARN: text,
    SCHEDULE_GROUP: text,
    SCHEDULE_ROLE_ARN: text,
    UNDELIVERED_ARN: text,
  });
  return {
    busArn: env.BUS_ARN,
    groupName: env.SCHEDULE_GROUP,
    roleArn: env.SCHEDULE_ROLE_ARN,
    deadLetterArn: env.UNDELIVERED_ARN,
  };
}
