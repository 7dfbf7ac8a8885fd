import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';
import { CLEAN_UP_FAILURES, FAILURE_MEANINGS, RESTORE_FAILURE_MEANINGS } from '../shared/domain/failures.ts';
import { MOVE_FAILURE_MEANINGS } from '../shared/domain/move/failures.ts';
import { ROLLOUT_FAILURE_MEANINGS } from '../shared/domain/rollout/failures.ts';
import { EVENTS } from '../shared/events/index.ts';

const PAGE = new URL('events.md', import.meta.url);
const examples = new URL('../examples/events/', import.meta.url);

interface Shown {
  type?: string;
  properties?: Record<string, Shown>;
  required?: string[];
  items?: Shown;
  enum?: unknown[];
}

/** The page of events, made from the schemas that the functions use; a test holds it to them. */
export async function eventsPage(): Promise<string> {
  const sections = await Promise.all(Object.values(EVENTS).map(section));
  return [
    '<!-- Made by `npm run docs` from shared/events. Do not edit. -->',
    '# Events',
    'Our own events carry `"source": "amity"`. An `AmiRequested` may come from any source, of another account too where `publishers` names it; `AmiBakeRequested`, `AmiRestoreRequested`, `AmiRollbackRequested` and `AmiMoveRequested` from any source in this account. Consumers ignore fields that they do not know.',
    ...sections,
    '## Failure codes',
    'Every `AmiFailed` carries one of these.',
    codes(FAILURE_MEANINGS),
    "An entry of `failed[]` in `AmiCleaned` carries EC2's own error code, or one of these.",
    codes(CLEAN_UP_FAILURES),
    'Every `AmiRestoreFailed` carries one of these.',
    codes(RESTORE_FAILURE_MEANINGS),
    'Every `AmiRolloutFailed` carries one of these.',
    codes(ROLLOUT_FAILURE_MEANINGS),
    'Every `AmiMoveFailed` carries one of these.',
    codes(MOVE_FAILURE_MEANINGS),
    '',
  ].join('\n\n');
}

const codes = (meanings: Readonly<Record<string, string>>) => {
  const rows = Object.entries(meanings).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  return ['| code | meaning |', '|---|---|', ...rows].join('\n');
};

async function section({
  detailType,
  summary,
  schema,
}: (typeof EVENTS)[keyof typeof EVENTS]): Promise<string> {
  const shown: Shown = JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'input' })));
  const rows = Object.entries(shown.properties ?? {}).map(([name, property]) => {
    const need = shown.required?.includes(name) ? 'yes' : '';
    return `| \`${name}\` | ${typeOf(property)} | ${need} |`;
  });
  const file = `${detailType.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase()}.json`;
  const example = await readFile(new URL(file, examples), 'utf8');
  return [
    `## ${detailType}`,
    summary,
    ['| field | type | required |', '|---|---|---|', ...rows].join('\n'),
    `\`\`\`json\n${example.trim()}\n\`\`\``,
  ].join('\n\n');
}

/** Words of an enumeration that a cell can hold; the longer ones are failure codes, each with a table of its own. */
const MOST_LISTED = 6;

function typeOf(shown: Shown): string {
  if (shown.enum)
    return shown.enum.length > MOST_LISTED
      ? 'string, one of the codes below'
      : shown.enum.map((one) => `\`${one}\``).join(', ');
  if (shown.type === 'array' && shown.items) return `array of ${typeOf(shown.items)}`;
  if (shown.properties)
    return `object (${Object.keys(shown.properties)
      .map((name) => `\`${name}\``)
      .join(', ')})`;
  return shown.type ?? 'any';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(PAGE, await eventsPage());
