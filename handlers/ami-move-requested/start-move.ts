import { publish } from '../../shared/aws/bus.ts';
import type { Move } from '../../shared/aws/move/input.ts';
import { entryOf, remember } from '../../shared/aws/rollout/ledger.ts';
import { startExecution } from '../../shared/aws/state-machine.ts';
import { AmiMoveFailed } from '../../shared/events/ami-move-failed.ts';
import { AmiMoveRequested } from '../../shared/events/ami-move-requested.ts';
import { AmiRolloutPlanned } from '../../shared/events/ami-rollout-planned.ts';
import { anyDetail } from '../../shared/events/event.ts';
import { check, sentenceOf } from '../../shared/events/problems.ts';
import { derivedRequestId, hashOf, requestKey } from '../../shared/events/request-key.ts';
import { consumer } from '../../shared/runtime/consumer.ts';
import { environment, flag, text, whole } from '../../shared/runtime/environment.ts';

const env = environment({
  BUS_NAME: text,
  ROLLOUTS_TABLE: text,
  MOVE_ARN: text,
  RECORD_DAYS: whole,
  DRY_RUN: flag,
});

/** Starts the workflow of a move, once for each request: it is named after that, and remembered for longer. */
export const handler = consumer(anyDetail, async (envelope) => {
  const { data, problems } = check(AmiMoveRequested.schema, envelope.detail);
  const requestId = data?.requestId ?? derivedRequestId(envelope);
  const name = hashOf(data ? requestKey(envelope, requestId) : derivedRequestId(envelope));
  const id = `move#${name}`;
  if (await entryOf(env.ROLLOUTS_TABLE, id)) return;
  if (data) await begin(data, requestId, name);
  else
    await publish(
      env.BUS_NAME,
      AmiMoveFailed.encode({ requestId, code: 'invalid-request', message: sentenceOf(problems) }),
    );
  await remember(env.ROLLOUTS_TABLE, { id, told: 'done' }, env.RECORD_DAYS, new Date());
});

async function begin(request: AmiMoveRequested, requestId: string, name: string): Promise<void> {
  const { instanceId, subnetId, stopSource = false } = request;
  if (env.DRY_RUN) {
    const message = `${instanceId} would be imaged, with a reboot, and an instance like it started in ${subnetId}.`;
    await publish(env.BUS_NAME, AmiRolloutPlanned.encode({ requestId, instanceId, code: 'move', message }));
    return;
  }
  const move: Move = {
    requestId,
    sourceInstanceId: instanceId,
    subnetId,
    stopSource,
    imageRequestId: `move-${name}`,
  };
  await startExecution(env.MOVE_ARN, name, move);
}
