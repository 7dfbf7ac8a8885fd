import * as z from 'zod/mini';
import { environment, flag, text } from './environment.ts';

/** What every step of a rollout needs, as infra/rollout-consumers.ts writes it. */
export function rolloutEnvironment() {
  const env = environment({
    BUS_NAME: text,
    ROLLOUTS_TABLE: text,
    ROLLOUT_ARN: text,
    DRY_RUN: flag,
  });
  return {
    busName: env.BUS_NAME,
    tableName: env.ROLLOUTS_TABLE,
    stateMachineArn: env.ROLLOUT_ARN,
    instanceRoles: instanceRoles(),
    dryRun: env.DRY_RUN,
  };
}

/** Names or ARNs of the roles that may be passed to instances. */
export const instanceRoles = (): string[] =>
  z.array(z.string()).parse(JSON.parse(environment({ INSTANCE_ROLES: text }).INSTANCE_ROLES));

/** The part of it that a pointer needs. */
export function pointerEnvironment() {
  const env = environment({ BUS_NAME: text, ROLLOUTS_TABLE: text, DRY_RUN: flag });
  return { busName: env.BUS_NAME, tableName: env.ROLLOUTS_TABLE, dryRun: env.DRY_RUN };
}
