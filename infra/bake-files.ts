import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as z from 'zod';
import { notAllowed } from '../shared/domain/bake/spec.ts';
import { bakeDefaults } from './bake-settings.ts';
import { ConfigError, whyUnreadable } from './config-error.ts';
import type { Config } from './config-schema.ts';

/** Where a script may stand in a file of its own, and the field that it is then. */
const FILES = { userDataFile: 'userData', validateFile: 'validate' } as const;

const WithBakes = z.looseObject({ bakes: z.array(z.record(z.string(), z.unknown())) });

/** The configuration with the scripts of its bakes in the place of the files that it names, which are relative to itself. */
export function withScripts(input: unknown, folder: string): unknown {
  const { data } = z.safeParse(WithBakes, input);
  return data ? { ...data, bakes: data.bakes.map((bake, index) => withScript(bake, index, folder)) } : input;
}

function withScript(bake: Record<string, unknown>, index: number, folder: string): Record<string, unknown> {
  const read = { ...bake };
  for (const [key, field] of Object.entries(FILES)) {
    const path = bake[key];
    // What is written twice stays as it is: the file's key is then one that the schema does not know.
    if (typeof path !== 'string' || field in bake) continue;
    delete read[key];
    read[field] = textOf(resolve(folder, path), `bakes[${index}].${key}`);
  }
  return read;
}

function textOf(path: string, place: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigError(`${place} names ${path}, which cannot be read: ${whyUnreadable(cause)}`, { cause });
  }
}

/** Of the bakes, what their own configuration does not allow. */
export const bakesNotAllowed = (config: Config): string[] =>
  config.bakes.flatMap((bake, index) =>
    notAllowed(bake, bakeDefaults(config, '')).map(
      ({ pointer, detail }) => `bakes[${index}]${pointer.replaceAll('/', '.')} ${detail}`,
    ),
  );
