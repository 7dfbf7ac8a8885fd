import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

const page = await readFile(new URL('../../docs/reliability.md', import.meta.url), 'utf8');
const cited = [...page.matchAll(/`([\w/.-]+\.(?:test|suite)\.ts)` "([^"]+)"/g)].map(
  ([, file = '', name = '']) => ({
    file,
    name,
  }),
);

describe('docs/reliability.md', () => {
  it('names a test for every fault', () => {
    const rows =
      page
        .split('## Measured')[0]
        ?.split('\n')
        .filter((line) => /^\| (?!fault \|)/.test(line)) ?? [];
    expect(rows.length).toBeGreaterThan(30);
    for (const row of rows) expect(row).toMatch(/\| `[\w/.-]+\.(?:test|suite)\.ts` "/);
  });

  it.each(cited)('$file has "$name"', async ({ file, name }) => {
    const source = await readFile(new URL(`../${file}`, import.meta.url), 'utf8');
    expect(source.replaceAll("\\'", "'")).toContain(name);
  });
});
