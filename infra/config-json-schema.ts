import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { Config } from './config-schema.ts';

export const SCHEMA_FILE = join(import.meta.dirname, '..', 'amity.config.schema.json');

/** The JSON Schema that lets an editor complete and check `amity.config.json`. */
export function configJsonSchema(): string {
  const schema = z.toJSONSchema(Config, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ title: 'Amity', ...schema }, undefined, 2)}\n`;
}

if (import.meta.main) writeFileSync(SCHEMA_FILE, configJsonSchema());
