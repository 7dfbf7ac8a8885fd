import { environment, text, whole } from './environment.ts';

/** What both ways into clean-up are told by the configuration. */
export function retentionEnvironment() {
  const env = environment({
    BUS_NAME: text,
    RETENTION_DAYS: whole,
    KEEP_NEWEST: whole,
    MAX_DELETIONS: whole,
  });
  return {
    busName: env.BUS_NAME,
    policy: {
      days: env.RETENTION_DAYS,
      keepNewest: env.KEEP_NEWEST,
      maxDeletionsPerRun: env.MAX_DELETIONS,
    },
  };
}
