import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/**
 * Writes the computed keys of an SDK client's schemas as literals: `{ [_xN]: _iI }` becomes
 * `{ "xmlName": _iI }`. A bundler must keep an object whose key is computed, because computing it might do
 * something; so every operation of EC2 stays in every bundle. With literal keys tree shaking drops those
 * that nobody calls. What is sent and read does not change: `test/infra/literal-keys.test.ts` holds that.
 */
export const literalKeys: Plugin = {
  name: 'literal-keys',
  setup(build) {
    build.onLoad(
      { filter: /[\\/]@aws-sdk[\\/]client-[^\\/]+[\\/]dist-es[\\/]schemas[\\/]\w+\.js$/ },
      async ({ path }) => ({
        contents: withLiteralKeys(await readFile(path, 'utf8')),
        loader: 'js',
      }),
    );
  },
};

/** `const _xN = "xmlName";`, at the head of each schema file. */
const CONSTANT = /^const (_\w+) = ("(?:[^"\\]|\\.)*");$/gm;
/** `[_xN]:`, where a property begins; what stands in an array or an index has no colon behind it. */
const COMPUTED_KEY = /(?<=[{,]\s*)\[(_\w+)\](?=\s*:)/g;

export function withLiteralKeys(source: string): string {
  const constants = new Map<string, string>();
  for (const [, name, literal] of source.matchAll(CONSTANT)) {
    // A literal `"__proto__":` would set the prototype; a computed one makes a property.
    if (name && literal && literal !== '"__proto__"') constants.set(name, literal);
  }
  return source.replace(COMPUTED_KEY, (key, name: string) => constants.get(name) ?? key);
}
