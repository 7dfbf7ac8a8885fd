import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { brakeCases } from './cases/brakes.ts';
import { guardCases } from './cases/guards.ts';
import { orphanCases } from './cases/orphans.ts';
import { policyCases } from './cases/policies.ts';
import { stageCases } from './cases/stages.ts';
import { expectedOf, outcomeOf, type PlanCase } from './facts-of.ts';
import { LISTS, MUTANTS, type Mutant } from './mutants.ts';

const DOMAIN = join(import.meta.dirname, '../../../shared/domain');
const CASES: readonly PlanCase[] = [
  ...guardCases,
  ...stageCases,
  ...policyCases,
  ...brakeCases,
  ...orphanCases,
];

const textOf = (file: string) => readFileSync(join(DOMAIN, file), 'utf8');
const occurrences = (text: string, snippet: string) => text.split(snippet).length - 1;

/** Every element of a list in the source, as its text. */
function elementsOf({ file, from, to }: (typeof LISTS)[number]): string[] {
  const text = textOf(file);
  expect(occurrences(text, from), `${file}: ${from}`).toBe(1);
  const start = text.indexOf(from) + from.length;
  const list = text.slice(start, text.indexOf(to, start) + 1);
  const [indent = ''] = /^ */.exec(list) ?? [];
  // An element begins where the first one does; what is closed there, or commented, does not begin one.
  return list.split(new RegExp(`^(?=${indent}[^\\s\\])}/])`, 'm'));
}

const removed: Mutant[] = LISTS.flatMap((list) =>
  elementsOf(list).map((snippet) => ({ file: list.file, snippet, replacement: '' })),
);

/** The planning function of the source with one snippet replaced, or of the source as it is. */
async function planner(mutant?: Mutant): Promise<typeof import('../../../shared/domain/retention/plan.ts')> {
  const { outputFiles } = await build({
    entryPoints: [join(DOMAIN, 'retention/plan.ts')],
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'mutation',
        setup: ({ onLoad }) =>
          onLoad({ filter: /\.ts$/ }, ({ path }) => ({
            loader: 'ts',
            contents:
              mutant && path === join(DOMAIN, mutant.file)
                ? textOf(mutant.file).replace(mutant.snippet, () => mutant.replacement)
                : readFileSync(path, 'utf8'),
          })),
      },
    ],
  });
  const [{ contents } = { contents: new Uint8Array() }] = outputFiles;
  return import(`data:text/javascript;base64,${Buffer.from(contents).toString('base64')}`);
}

/** The rows that give another plan. One that throws breaks this test: a mutant shall be wrong, not broken. */
async function failing(mutant?: Mutant): Promise<string[]> {
  const { planRetention } = await planner(mutant);
  return CASES.filter((row) => {
    const [is, shouldBe] = [outcomeOf(row, planRetention), expectedOf(row)];
    return JSON.stringify(is) !== JSON.stringify(shouldBe);
  }).map(({ name }) => name);
}

it('without a mutation no case fails', async () => {
  expect(await failing()).toEqual([]);
});

it.each(LISTS)('every element of the list in $file is found', (list) => {
  expect(elementsOf(list).length).toBeGreaterThanOrEqual(list.fewest);
  expect(textOf(list.file)).toContain(`${list.from}${elementsOf(list).join('')}${list.to.slice(1)}`);
});

it.each([...removed, ...MUTANTS])('$file: $snippet becomes "$replacement": a case fails', async (mutant) => {
  expect(occurrences(textOf(mutant.file), mutant.snippet)).toBe(1);
  expect(await failing(mutant)).not.toEqual([]);
});
