import * as z from 'zod/mini';
import { environment, flag, text } from './environment.ts';

/** What every step of a rollout needs, as infra/rollout.ts writes it. */
export function rolloutEnvironment() {
  const env = environment({
    BUS_NAME: text,
    ROLLOUTS_TABLE: text,
    ROLLOUT_ARN: text,
    INSTANCE_ROLES: text,
    DRY_RUN: flag,
  });
  return {
    busName: env.BUS_NAME,
    tableName: env.ROLLOUTS_TABLE,
    stateMachineArn: env.ROLLOUT_ARN,
    instanceRoles: z.array(z.string()).parse(JSON.parse(env.INSTANCE_ROLES)),
    dryRun: env.DRY_RUN,
  };
}

/** The part of it that a pointer needs. */
export function pointerEnvironment() {
  const env = environment({ BUS_NAME: text, ROLLOUTS_TABLE: text, DRY_RUN: flag });
  return { busName: env.BUS_NAME, tableName: env.ROLLOUTS_TABLE, dryRun: env.DRY_RUN };
}
