import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod/mini';
import { giveUp } from './give-up.ts';
import { options } from './options.ts';
import { readPlan, type SavedPlan } from './saved-plan.ts';
import { stackOutputs } from './stack-outputs.ts';

/**
 * `npm run apply -- plan.json`: has the deployed clean-up do what a saved plan says, and nothing else. Each image is
 * checked again; what has changed since is skipped, and said. It asks; `--yes` does not.
 */
const { values, positionals } = options({
  allowPositionals: true,
  options: { stack: { type: 'string', default: 'Amity' }, yes: { type: 'boolean', default: false } },
});

/** A call lasts as long as its function; one that got no answer is asked again, under the same run id. */
const lambda = new LambdaClient({ maxAttempts: 1, requestHandler: { requestTimeout: 16 * 60_000 } });

const Answer = z.object({
  done: z.boolean(),
  report: z.optional(
    z.object({
      counts: z.record(z.string(), z.optional(z.number())),
      failed: z.array(z.object({ imageId: z.optional(z.string()), code: z.string(), message: z.string() })),
    }),
  ),
});

let begun = false;
try {
  const [path] = positionals;
  if (!path)
    throw new Error('Name the file: npm run apply -- plan.json (npm run plan -- --out plan.json makes it)');
  const plan = await readPlan(path);
  const here = await lambda.config.region();
  if (plan.region !== here) throw new Error(`The plan was made for ${plan.region}, and this is ${here}`);
  const todo = changesOf(plan);
  const count = Object.keys(todo).length;
  if (count === 0) console.log('The plan changes nothing.');
  else if (values.yes || (await agreed(plan, todo))) await apply(todo);
  else console.log('Nothing was changed.');
} catch (error) {
  giveUp(
    begun ? 'The plan was not applied to its end; AmiCleaned tells what was done' : 'Nothing was changed',
    error,
  );
}

function changesOf({ plans }: SavedPlan): Record<string, string> {
  const entries = plans.flatMap((plan) => plan.entries).filter(({ action }) => action !== 'keep');
  return Object.fromEntries(
    entries.map(({ action, imageId, snapshotId }) => [snapshotId ?? imageId, action]),
  );
}

async function agreed(plan: SavedPlan, todo: Record<string, string>): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Error('Not asked, because this is no terminal: add --yes');
  const kinds = [...Map.groupBy(Object.values(todo), (action) => action)];
  const what = kinds.map(([action, each]) => `${action} ${each.length}`).join(', ');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(
    `The plan of ${plan.plannedAt} for ${plan.region}: ${what}. Do it? [y/N] `,
  );
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

async function apply(todo: Record<string, string>): Promise<void> {
  const { CleanUpFunctionName: FunctionName } = await stackOutputs(values.stack);
  if (!FunctionName) throw new Error(`The stack ${values.stack} has no output CleanUpFunctionName`);
  const run = { runId: `apply-${randomUUID()}`, startedAt: new Date().toISOString(), apply: todo };
  begun = true;
  for (;;) {
    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify(run) }),
    );
    const answer = Payload?.transformToString() ?? '';
    if (FunctionError) throw new Error(`The function failed: ${answer}`);
    const { done, report } = Answer.parse(JSON.parse(answer));
    if (done) return told(run.runId, report);
    console.log('Going on …');
  }
}

function told(runId: string, report: z.infer<typeof Answer>['report']): void {
  const counts = Object.entries(report?.counts ?? {}).map(([what, count]) => `${what} ${count}`);
  console.log(`${runId}: ${counts.join(', ') || 'nothing was left to do'}`);
  for (const { imageId, code, message } of report?.failed ?? [])
    console.error(`${imageId ?? 'run'}: ${code}: ${message}`);
  if (report?.failed.length) process.exitCode = 1;
}
