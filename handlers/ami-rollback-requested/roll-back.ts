import { publish } from '../../shared/aws/bus.ts';
import { entryOf, remember } from '../../shared/aws/rollout/ledger.ts';
import { takeBack } from '../../shared/aws/rollout/take-back.ts';
import type { Entry } from '../../shared/domain/rollout/entry.ts';
import { AmiRollbackRequested } from '../../shared/events/ami-rollback-requested.ts';
import { AmiRolloutFailed } from '../../shared/events/ami-rollout-failed.ts';
import { anyDetail } from '../../shared/events/event.ts';
import { check, sentenceOf } from '../../shared/events/problems.ts';
import { derivedRequestId, requestKey } from '../../shared/events/request-key.ts';
import { consumer } from '../../shared/runtime/consumer.ts';
import { environment, whole } from '../../shared/runtime/environment.ts';
import { rolloutEnvironment } from '../../shared/runtime/rollout-environment.ts';

const rollouts = rolloutEnvironment();
const env = environment({ RECORD_DAYS: whole });

const DONE = 'done';

const save = (entry: Entry) => remember(rollouts.tableName, entry, env.RECORD_DAYS, new Date());

/** Takes a rollout back, once for each request: a replay must not go one version further back. */
export const handler = consumer(anyDetail, async (envelope) => {
  const { data: request, problems } = check(AmiRollbackRequested.schema, envelope.detail);
  const requestId = request?.requestId ?? derivedRequestId(envelope);
  const key = request ? requestKey(envelope, requestId) : `refused#${derivedRequestId(envelope)}`;
  const id = `rollback#${key}`;
  const entry = (await entryOf(rollouts.tableName, id)) ?? { id };
  if (entry.told === DONE) return;
  if (request) {
    const at = new Date(envelope.time);
    const back = {
      request,
      requestId,
      at,
      entry,
      save: (change: Partial<Entry>) => save({ ...entry, ...change }),
    };
    await takeBack(back, rollouts);
  } else {
    const failure = { requestId, code: 'invalid-request', message: sentenceOf(problems) } as const;
    await publish(rollouts.busName, AmiRolloutFailed.encode(failure));
  }
  await save({ id, told: DONE });
});
