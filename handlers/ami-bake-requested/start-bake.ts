import { giveUpBake } from '../../shared/aws/bake/give-up-bake.ts';
import { openRequest } from '../../shared/aws/open-request.ts';
import { announce } from '../../shared/aws/settle-request.ts';
import { startExecution, statusOf } from '../../shared/aws/state-machine.ts';
import { broken } from '../../shared/domain/bake/how-it-failed.ts';
import { bakeWanted } from '../../shared/domain/bake/spec.ts';
import { AmiBakeRequested } from '../../shared/events/ami-bake-requested.ts';
import { anyDetail } from '../../shared/events/event.ts';
import { bakeName } from '../../shared/events/request-key.ts';
import { StatesExecutionChange } from '../../shared/events/states-execution-change.ts';
import { bakeSettings } from '../../shared/runtime/bake-environment.ts';
import { consumer } from '../../shared/runtime/consumer.ts';
import { environment, text } from '../../shared/runtime/environment.ts';
import { TryAgainLater } from '../../shared/runtime/errors.ts';
import { log } from '../../shared/runtime/log.ts';
import { requestEnvironment } from '../../shared/runtime/request-environment.ts';

const env = environment({ BAKE_ARN: text, TIME_ZONE: text, REASON: text });
const { table, announcing } = requestEnvironment();
const settings = bakeSettings();
const defaults = { timeZone: env.TIME_ZONE, reason: env.REASON, noReboot: true };

const kind = {
  schema: AmiBakeRequested.schema,
  wanted: (detail: AmiBakeRequested) => bakeWanted(detail, settings),
};

/** How long a message waits for another one of the same request. */
const WAIT_SECONDS = 20;

/** Starts the workflow of a bake, once for each attempt of its request: its name is the request's. */
export const handler = consumer(anyDetail, async (envelope, { record: { messageId } }) => {
  const opened = await openRequest(kind, envelope, { table, defaults, messageId, now: new Date() });
  switch (opened.todo) {
    case 'nothing':
      log.info('Nothing to do for a request', { messageId, why: opened.why });
      return;
    case 'wait':
      throw new TryAgainLater('Another delivery of this request is at work', WAIT_SECONDS);
    case 'announce':
      await announce(opened.record, announcing);
      return;
    case 'make': {
      const { key: requestKey, attempt } = opened.record;
      const name = bakeName(requestKey, attempt);
      if (await startExecution(env.BAKE_ARN, name, { requestKey, attempt })) return;
      // One that was begun and is over, of a request that is not: it broke, and Step Functions' event never came.
      const status = await statusOf(env.BAKE_ARN, name);
      if (StatesExecutionChange.broken.includes(status))
        await giveUpBake({ requestKey, attempt }, broken(name, status), announcing);
    }
  }
});
