import * as z from 'zod/mini';

/** One wrong field: where it is (a JSON pointer, RFC 6901) and what is wrong with it. */
export interface Problem {
  readonly pointer: string;
  readonly detail: string;
}

type Checked<Data> =
  | { readonly data: Data; readonly problems?: undefined }
  | { readonly data?: undefined; readonly problems: readonly Problem[] };

/** Holds foreign JSON against a schema, and names every offending field in words for whoever sent it. */
export function check<Schema extends z.ZodMiniType>(
  schema: Schema,
  value: unknown,
): Checked<z.infer<Schema>> {
  const result = z.safeParse(schema, value, { error: explain });
  return result.success ? { data: result.data } : { problems: result.error.issues.flatMap(problemsOf) };
}

/** The problems as one sentence. */
export const sentenceOf = (problems: readonly Problem[]): string =>
  problems.map(({ pointer, detail }) => `${pointer || 'the whole'} ${detail}`).join('; ');

/** zod/mini brings no words of its own for wrong types. */
function explain(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== 'invalid_type') return undefined;
  const expected = issue.expected === 'record' ? 'object' : issue.expected;
  const wanted = `must be ${/^[aeiou]/.test(expected) ? 'an' : 'a'} ${expected}`;
  return issue.input === undefined ? `is missing; it ${wanted}` : wanted;
}

function problemsOf(issue: z.core.$ZodIssue): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      pointer: pointer([...issue.path, key]),
      detail: 'is not a known field',
    }));
  }
  const detail =
    issue.code === 'invalid_key' ? issue.issues.map(({ message }) => message).join('; ') : issue.message;
  return [{ pointer: pointer(issue.path), detail }];
}

const pointer = (path: readonly PropertyKey[]) =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
