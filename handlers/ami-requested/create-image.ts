import type { SQSRecord } from 'aws-lambda';
import { runningInstances } from '../../shared/aws/instances.ts';
import { type Budget, giveUp, makeImage } from '../../shared/aws/make-image.ts';
import { type Opened, openRequest } from '../../shared/aws/open-request.ts';
import { announce, settle } from '../../shared/aws/settle-request.ts';
import { type Candidate, candidatesFor, noInstance } from '../../shared/domain/choose-instance.ts';
import type { Failure } from '../../shared/domain/failures.ts';
import { rebootRefused } from '../../shared/domain/new-request.ts';
import { AmiRequested } from '../../shared/events/ami-requested.ts';
import { Envelope } from '../../shared/events/event.ts';
import { type Again, againAfter, batchConsumer } from '../../shared/runtime/consumer.ts';
import { environment, flag, text, whole } from '../../shared/runtime/environment.ts';
import { log } from '../../shared/runtime/log.ts';
import { requestEnvironment } from '../../shared/runtime/request-environment.ts';

const env = environment({
  ACCOUNT_ID: text,
  DEADLINE_MINUTES: whole,
  TIME_ZONE: text,
  REASON: text,
  NO_REBOOT: flag,
  ALLOW_REBOOT: flag,
});
const { table, announcing } = requestEnvironment();
const defaults = { timeZone: env.TIME_ZONE, reason: env.REASON, noReboot: env.NO_REBOOT };
const reboots = { accountId: env.ACCOUNT_ID, allowReboot: env.ALLOW_REBOOT };

/** A request for an image of a running instance. */
const kind = {
  schema: AmiRequested.schema,
  wanted: (detail: AmiRequested, envelope: Envelope) => rebootRefused(detail, envelope, reboots) ?? detail,
};

/** Time kept for the calls after the last try: describing, recording, announcing, hiding. */
const RESERVE_MS = 15_000;
/** How long a message waits for another one of the same request. */
const WAIT_SECONDS = 20;

/** Takes a batch of requests, looks at all its instances in one call, and makes the images in order. */
export const handler = batchConsumer(async (records, context, signal) => {
  const budget = { hasTime: () => context.getRemainingTimeInMillis() > RESERVE_MS, signal };
  const opened = await Promise.all(records.map((record) => open(record).catch(asError)));
  const names = opened.flatMap((each) =>
    'todo' in each && each.todo === 'make' ? [each.record.instanceName] : [],
  );
  const instances = await instancesOf([...new Set(names)], signal);
  const again: Again[] = [];
  for (const [index, record] of records.entries()) {
    const seconds = await finish(record, opened[index], instances, budget).catch(
      (error) => againAfter(record, error).seconds,
    );
    if (seconds !== undefined) again.push({ record, seconds });
  }
  return again;
});

/** Errors of a step that serves the whole batch are kept for the messages that need it. */
const asError = (cause: unknown) => new Error('A step before this one failed', { cause });

const open = async (record: SQSRecord): Promise<Opened> =>
  openRequest(kind, Envelope.parse(JSON.parse(record.body)), {
    table,
    defaults,
    messageId: record.messageId,
    now: new Date(),
  });

const instancesOf = async (names: string[], signal: AbortSignal): Promise<Candidate[] | Error> =>
  names.length === 0 ? [] : runningInstances(names, signal).catch(asError);

/** Brings one request to its end; or gives the seconds after which it is worth another try. */
async function finish(
  record: SQSRecord,
  opened: Opened | Error | undefined,
  instances: Candidate[] | Error,
  budget: Budget,
): Promise<number | undefined> {
  if (!opened || opened instanceof Error) throw opened;
  if (opened.todo === 'nothing') {
    log.info('Nothing to do for a request', { messageId: record.messageId, why: opened.why });
    return undefined;
  }
  if (opened.todo === 'wait') return WAIT_SECONDS;
  if (opened.todo === 'announce') return announce(opened.record, announcing);
  if (instances instanceof Error) throw instances;
  const candidates = candidatesFor(opened.record, instances);
  const none = noInstance(opened.record);
  const made = await makeImage(table, { record: opened.record, candidates, none }, budget);
  if ('settled' in made) return settle(made.settled, announcing);
  const again = againAfter(record, made.later);
  if (Date.now() + again.seconds * 1000 < deadlineOf(record)) return again.seconds;
  const failure = deadlineExceeded(made.later);
  // The alarm counts these lines by their code: infra/constructs/alarms.ts.
  log.warn('A request outlived its deadline', { code: failure.code, requestId: made.record.requestId });
  return settle(await giveUp(table, made.record, failure), announcing);
}

/** Counted from when the queue got the message, so that a replay of an old event has its own. Epoch ms. */
const deadlineOf = (record: SQSRecord) =>
  Number(record.attributes.SentTimestamp) + env.DEADLINE_MINUTES * 60_000;

const deadlineExceeded = (why: string): Failure => ({
  code: 'deadline-exceeded',
  message: `No image within ${env.DEADLINE_MINUTES} minutes. EC2 said last: ${why}`,
});
