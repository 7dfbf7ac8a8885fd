import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { eventsPage } from '../../docs/generate-events.ts';

const page = (name: string) => readFile(new URL(`../../${name}`, import.meta.url), 'utf8');

it('docs/events.md is what the schemas say; if not, run `npm run docs`', async () => {
  expect(await page('docs/events.md')).toBe(await eventsPage());
});

it.each(['README.md', 'CONTRIBUTING.md', 'docs/architecture.md', 'docs/pipelines.md', 'docs/adr/README.md'])(
  '%s links to files that are there',
  async (name) => {
    const folder = new URL(`../../${name}`, import.meta.url);
    for (const [, target = ''] of (await page(name)).matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      await expect(readFile(new URL(target, folder)), target).resolves.toBeDefined();
    }
  },
);
