import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder of this run alone, for what its test files share. */
    runFolder: string;
  }
}

export default function setUp(project: TestProject): () => void {
  const remove = (folder: string) => rmSync(folder, { recursive: true, force: true });
  const folder = mkdtempSync(join(tmpdir(), 'amity-e2e-'));
  project.provide('runFolder', folder);
  // When vitest watches, what was made of the code before it changed must not be used again.
  project.onTestsRerun(() => {
    remove(folder);
    mkdirSync(folder);
  });
  return () => remove(folder);
}
