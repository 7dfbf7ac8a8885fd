import { publish } from '../../shared/aws/bus.ts';
import { tagsOf } from '../../shared/aws/ec2.ts';
import { factsOf, instanceById } from '../../shared/aws/move/source.ts';
import { publishLater } from '../../shared/aws/schedule-once.ts';
import { BACKUP_REASON } from '../../shared/domain/backup/reasons.ts';
import { CONSISTENT_TAG, dayOf, deferredTo } from '../../shared/domain/backup/window.ts';
import { AmiFailed } from '../../shared/events/ami-failed.ts';
import { AmiRequested } from '../../shared/events/ami-requested.ts';
import { AmiRolloutPlanned } from '../../shared/events/ami-rollout-planned.ts';
import { BackupJobStateChange } from '../../shared/events/backup-job-state-change.ts';
import { backupEnvironment } from '../../shared/runtime/backup-environment.ts';
import { consumer } from '../../shared/runtime/consumer.ts';
import { log } from '../../shared/runtime/log.ts';

const env = backupEnvironment();

/**
 * AWS Backup images an instance as it runs. One that is to be consistent is imaged again, with a reboot: at most once a day,
 * for the request's id is the instance's and the day's, and in the window for reboots, if there is one.
 */
export const handler = consumer(BackupJobStateChange, async ({ instanceId }) => {
  const instance = instanceId ? await instanceById(instanceId) : undefined;
  if (!instance || !instanceId || tagsOf(instance.Tags)[CONSISTENT_TAG] !== 'true') return;
  const { name: instanceName, state } = factsOf(instance);
  if (state !== 'running') {
    log.info('An instance that does not run has been backed up as it is', { instanceId, state });
    return;
  }
  const now = new Date();
  const at = env.window && deferredTo(env.window, now, env.timeZone);
  const requestId = `backup-${instanceId}-${at?.slice(0, 10) ?? dayOf(now, env.timeZone)}`;
  if (!instanceName) return nameless(instanceId, requestId);
  const request = { instanceName, instanceId, requestId, reason: BACKUP_REASON, noReboot: false };
  const entry = env.dryRun
    ? AmiRolloutPlanned.encode({
        instanceName,
        instanceId,
        requestId,
        code: 'request-image',
        message: `${instanceId} would be imaged, with a reboot${at ? `, at ${at}` : ''}.`,
      })
    : AmiRequested.encode(request);
  if (at && env.later && !env.dryRun) await publishLater(requestId, at, entry, env.later);
  else await publish(env.busName, entry);
});

const nameless = (instanceId: string, requestId: string) =>
  publish(
    env.busName,
    AmiFailed.encode({
      requestId,
      attempt: 1,
      code: 'invalid-request',
      message: `${instanceId} has the tag ${CONSISTENT_TAG}, and no Name tag, by which its images would be called.`,
    }),
  );
