import { environment, text, whole } from './environment.ts';

/** What every step that settles a request needs, as infra/consumers.ts writes it. */
export function requestEnvironment() {
  const env = environment({ AWS_REGION: text, BUS_NAME: text, REQUESTS_TABLE: text, RECORD_DAYS: whole });
  const table = { tableName: env.REQUESTS_TABLE, recordDays: env.RECORD_DAYS };
  return { table, announcing: { table, busName: env.BUS_NAME, region: env.AWS_REGION } };
}
