import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import { bakesNotAllowed, withScripts } from './bake-files.ts';
import { ConfigError, whyUnreadable } from './config-error.ts';
import { Config } from './config-schema.ts';

export { ConfigError } from './config-error.ts';
export { Config } from './config-schema.ts';

/** Reads and checks the configuration file. */
export function loadConfig(path: string): Config {
  return parseConfig(withScripts(readJson(path), dirname(path)), path);
}

/** @param file where it comes from, for the message */
export function parseConfig(input: unknown, file = 'The configuration'): Config {
  const parsed = z.safeParse(Config, input);
  const mistakes = parsed.success
    ? bakesNotAllowed(parsed.data)
    : parsed.error.issues.flatMap((issue) => sentences(issue, input));
  if (parsed.success && mistakes.length === 0) return parsed.data;
  throw new ConfigError([`${file} is not right:`, ...mistakes.map((each) => `  ${each}`)].join('\n'));
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigError(`The configuration ${path} cannot be read: ${whyUnreadable(cause)}`, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(`The configuration ${path} is no JSON: ${why}`, { cause });
  }
}

/** The place, the rule, and what stands there. */
function sentences(issue: z.core.$ZodIssue, input: unknown): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${placeOf([...issue.path, key])} is no key of this configuration`);
  }
  const message = ruleOf(issue);
  return [`${placeOf(issue.path)} ${message}, got ${shown(valueAt(input, issue.path))}`];
}

/** The words of our own, where there are any; of a key, those about the key. */
function ruleOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => message).join('; ');
  if (issue.message.startsWith('must')) return issue.message;
  return issue.code === 'invalid_type' ? `must be a ${issue.expected}` : `must be right: ${issue.message}`;
}

const MOST_SHOWN = 200;

const placeOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (place, step) =>
      typeof step === 'number' ? `${place}[${step}]` : place ? `${place}.${String(step)}` : String(step),
    '',
  ) || 'The whole';

const valueAt = (input: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, step) => (value && typeof value === 'object' ? Reflect.get(value, step) : undefined),
    input,
  );

/** JSON, which would call NaN and infinity null; of a long list, its beginning. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}
