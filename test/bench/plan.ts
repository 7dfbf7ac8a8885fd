import './support/environment.ts';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { survey } from '../../shared/aws/retention/survey.ts';
import { type Plan, planRetention } from '../../shared/domain/retention/plan.ts';
import type { Action } from '../../shared/domain/retention/planned.ts';
import { answerAtOnce } from './support/instant.ts';
import { IMAGES, largeEc2, largeFacts, REFERENCES, RETENTION, SNAPSHOTS } from './support/large-account.ts';
import { printTable, printTargets } from './support/print.ts';
import { NOW } from './support/scene.ts';
import { stopwatch, type Taken } from './support/stopwatch.ts';

/**
 * `npm run bench`: what a plan of 50,000 images costs, the first one of a process, as a function makes it; by itself, and
 * with all that comes before it, from the SDK's answers on. What has elapsed says as much of whatever else the machine
 * does; the time of the thread does not. Time fails nobody; a heap that does not do ends the bench.
 */
const RUNS = 7;
/** Of the 512 MB, what is left beside the code. */
const HEAP_MB = 320;

interface Run extends Taken {
  /** MB. */
  readonly rss: number;
  readonly counts: Partial<Record<Action, number>>;
}

async function run(how: string): Promise<Run> {
  const prepared = how === 'plan' ? largeFacts() : undefined;
  answerAtOnce();
  const making = prepared ? undefined : largeEc2();
  const took = stopwatch();
  const facts =
    prepared ?? (await survey({ region: 'us-east-1', regions: [], retention: RETENTION, now: NOW }));
  const plan = planRetention(facts, RETENTION, NOW);
  const { ms, cpuMs } = took();
  const apart = making?.() ?? { ms: 0, cpuMs: 0 };
  const read = [facts.images.length, facts.snapshots.length, used(facts.uses.users)].join();
  if (read !== [IMAGES, SNAPSHOTS, REFERENCES].join() || facts.uses.unread.length > 0)
    throw new Error(`Read ${read}; unreadable: ${facts.uses.unread.join('; ')}`);
  return {
    ms: ms - apart.ms,
    cpuMs: cpuMs - apart.cpuMs,
    rss: process.resourceUsage().maxRSS / 1024,
    counts: countsOf(plan),
  };
}

const used = (users: ReadonlyMap<string, readonly string[]>) =>
  [...users.values()].filter(({ length }) => length > 0).length;

const countsOf = ({ entries }: Plan): Run['counts'] =>
  Object.fromEntries(
    [...Map.groupBy(entries, ({ action }) => action)].map(([action, of]) => [action, of.length]),
  );

async function compare(): Promise<void> {
  console.log(
    `\nA plan of ${IMAGES} images, ${SNAPSHOTS} snapshots and ${REFERENCES} references; ` +
      `${RUNS} processes each, ${HEAP_MB} MB of heap\n`,
  );
  const plans = await runs('plan');
  const whole = await runs('whole');
  const plan = summary(plans);
  const path = summary(whole);
  printTable([
    ['medians', 'this thread', 'elapsed', 'fastest', 'slowest', 'peak memory'],
    row('planRetention', plan),
    row('survey and planRetention', path),
  ]);
  const [one, ...others] = [...plans, ...whole].map(({ counts }) => JSON.stringify(counts));
  if (others.some((each) => each !== one)) throw new Error('The runs have made different plans');
  console.log(`\nEach: ${one}\n\nTargets`);
  printTargets([
    { what: 'planRetention, elapsed', is: plan.median / 1000, most: 2, unit: ' s' },
    { what: 'planRetention, this thread', is: plan.cpuMs / 1000, most: 2, unit: ' s' },
    { what: 'with the survey, this thread', is: path.cpuMs / 1000, most: 2, unit: ' s' },
    { what: 'peak memory', is: Math.max(plan.rss, path.rss), most: 512, unit: ' MB' },
  ]);
}

async function runs(how: string): Promise<Run[]> {
  const all: Run[] = [];
  for (let count = 0; count < RUNS; count += 1) {
    const { stdout } = await promisify(execFile)(process.execPath, [
      `--max-old-space-size=${HEAP_MB}`,
      import.meta.filename,
      how,
    ]);
    all.push(JSON.parse(stdout));
  }
  return all;
}

function summary(all: readonly Run[]) {
  const sorted = (of: 'ms' | 'cpuMs') => all.map((each) => each[of]).toSorted((a, b) => a - b);
  const at = (times: number[], index: number) => times.at(index) ?? Number.NaN;
  const middle = Math.floor(all.length / 2);
  return {
    cpuMs: at(sorted('cpuMs'), middle),
    median: at(sorted('ms'), middle),
    fastest: at(sorted('ms'), 0),
    slowest: at(sorted('ms'), -1),
    rss: Math.max(...all.map(({ rss }) => rss)),
  };
}

const row = (name: string, { cpuMs, median, fastest, slowest, rss }: ReturnType<typeof summary>) => [
  name,
  ...[cpuMs, median, fastest, slowest].map((ms) => `${ms.toFixed(0)} ms`),
  `${rss.toFixed(0)} MB`,
];

const [how] = process.argv.slice(2);
if (how) console.log(JSON.stringify(await run(how)));
else await compare();
