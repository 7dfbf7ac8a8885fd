import type * as z from 'zod/mini';

/** One wrong field: where it is (a JSON pointer, RFC 6901) and what is wrong with it. */
export interface Problem {
  readonly pointer: string;
  readonly detail: string;
}

/** Every offending field of a validation error, in words for whoever sent it. */
export const problemsOf = (error: z.core.$ZodError): Problem[] =>
  error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        pointer: pointer([...issue.path, key]),
        detail: 'is not a known field',
      }));
    }
    if (issue.code === 'invalid_key') {
      const why = issue.issues.map(({ message }) => message).join('; ');
      return [{ pointer: pointer(issue.path), detail: why }];
    }
    return [{ pointer: pointer(issue.path), detail: issue.message }];
  });

const pointer = (path: readonly PropertyKey[]) =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** The same as one sentence. */
export const sentenceOf = (error: z.core.$ZodError): string =>
  problemsOf(error)
    .map(({ pointer: at, detail }) => `${at || 'the detail'} ${detail}`)
    .join('; ');
