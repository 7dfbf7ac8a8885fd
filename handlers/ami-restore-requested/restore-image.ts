import { publish } from '../../shared/aws/bus.ts';
import { ec2ErrorFacts } from '../../shared/aws/ec2.ts';
import { entriesOfImage, entriesOfRun, record } from '../../shared/aws/retention/journal.ts';
import { CannotRestore, restore } from '../../shared/aws/retention/restore.ts';
import { type Ec2ErrorKind, kindOf } from '../../shared/domain/ec2-error.ts';
import { restoration } from '../../shared/domain/retention/undo.ts';
import { AmiRestoreFailed } from '../../shared/events/ami-restore-failed.ts';
import { AmiRestoreRequested } from '../../shared/events/ami-restore-requested.ts';
import { AmiRestored } from '../../shared/events/ami-restored.ts';
import { anyDetail } from '../../shared/events/event.ts';
import { check, sentenceOf } from '../../shared/events/problems.ts';
import { derivedRequestId } from '../../shared/events/request-key.ts';
import { consumer } from '../../shared/runtime/consumer.ts';
import { environment, text } from '../../shared/runtime/environment.ts';

const env = environment({ BUS_NAME: text, RETIRED_TABLE: text, AWS_REGION: text });

/** Brings an image back, once for each request; what can never be done is told as `AmiRestoreFailed`. */
export const handler = consumer(anyDetail, async (envelope) => {
  const { data, problems } = check(AmiRestoreRequested.schema, envelope.detail);
  const requestedAt = envelope.time;
  if (!data) return fail({ code: 'invalid-request', message: sentenceOf(problems), requestedAt });
  const { imageId, region = env.AWS_REGION } = data;
  const runId = `restore#${derivedRequestId(envelope)}`;
  // A replay must not bring back what was retired again since.
  if ((await entriesOfRun(env.RETIRED_TABLE, runId)).length > 0) return;
  const entries = await entriesOfImage(env.RETIRED_TABLE, imageId);
  try {
    const here = entries.filter((entry) => entry.region === region);
    const restored = await restore({ imageId, region, entries: here, now: new Date() });
    await publish(env.BUS_NAME, AmiRestored.encode({ ...restored, requestedAt }));
    await record(env.RETIRED_TABLE, [restoration(restored, runId, new Date())]);
  } catch (error) {
    await fail({ imageId, ...whyNever(error), requestedAt });
  }
});

const fail = (why: AmiRestoreFailed) => publish(env.BUS_NAME, AmiRestoreFailed.encode(why));

/** Another image has the name by now: that is no more a matter of time than a refusal. */
const NEVER = new Set<Ec2ErrorKind>(['rejected', 'denied', 'duplicate-name']);

/** Throws again what may pass. */
function whyNever(error: unknown): Pick<AmiRestoreFailed, 'code' | 'message'> {
  if (error instanceof CannotRestore) return { code: error.code, message: error.message };
  const facts = ec2ErrorFacts(error);
  if (!NEVER.has(kindOf(facts))) throw error;
  return { code: 'ec2-rejected', message: `${facts.name}: ${facts.message}` };
}
