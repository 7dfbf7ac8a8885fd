import { mkdtemp, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleHandlers } from '../../infra/bundle.ts';
import { literalKeys, withLiteralKeys } from '../../infra/literal-keys.ts';
import type { exchanges } from './support/exchanges.ts';

const root = join(import.meta.dirname, '..', '..');

/** All that the functions call. */
const CLIENTS = [
  'client-auto-scaling',
  'client-dynamodb',
  'client-ec2',
  'client-eventbridge',
  'client-iam',
  'client-s3',
  'client-scheduler',
  'client-sfn',
  'client-sqs',
  'client-ssm',
];

describe('the rewriting of a schema', () => {
  it('writes keys as literals, and leaves everything else as it is', () => {
    const source = [
      'const _xN = "xmlName";',
      'const _a = "it\\"s";',
      'export var A$ = [3, n0, _xN, 0, [_xN, _a], [[0, { [_xN]: _a, [_a]: 1,',
      '  [_unknown]: 2 }], { "b": map[_xN] }]];',
    ].join('\n');
    expect(withLiteralKeys(source).split('\n').slice(2)).toEqual([
      'export var A$ = [3, n0, _xN, 0, [_xN, _a], [[0, { "xmlName": _a, "it\\"s": 1,',
      '  [_unknown]: 2 }], { "b": map[_xN] }]];',
    ]);
  });

  it('does not make a prototype of a key', () => {
    const source = 'const _p = "__proto__";\nconst a = { [_p]: 1 };';
    expect(withLiteralKeys(source)).toBe(source);
  });

  it.each(CLIENTS)('leaves every exported schema of %s equal to what it was', async (client) => {
    const from = createRequire(import.meta.url).resolve(`@aws-sdk/${client}`);
    const path = join(dirname(from), '..', 'dist-es', 'schemas', 'schemas_0.js');
    const source = await readFile(path, 'utf8');
    const rewritten = withLiteralKeys(source);
    expect(rewritten).not.toMatch(/[{,]\s*\[_\w+\]:/);
    const [before, after] = await Promise.all([schemas(path, source), schemas(path, rewritten)]);
    expect(Object.keys(before).length).toBeGreaterThan(10);
    expect(after).toEqual(before);
  });
});

/** What a schema file exports, as data: functions, which defer what is defined later, are called once. */
async function schemas(path: string, contents: string): Promise<Record<string, unknown>> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: dirname(path), sourcefile: path },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
  });
  const text = outputFiles[0]?.text ?? '';
  const module = await import(`data:text/javascript,${encodeURIComponent(text)}`);
  return JSON.parse(
    JSON.stringify(module, (_, value) =>
      typeof value === 'function' && value.length === 0 && !value.prototype ? nameOf(value()) : value,
    ),
  );
}

const nameOf = (schema: unknown) => (Array.isArray(schema) ? schema.slice(0, 3) : schema);

/** Bundled, and imported from there: what each operation sends, and what it makes of an answer. */
interface Proof {
  readonly exchanges: typeof exchanges;
}

describe('a bundle with and without', () => {
  const proofs: Record<string, Proof> = {};
  beforeAll(async () => {
    for (const plugins of [[], [literalKeys]]) {
      const outfile = join(await mkdtemp(join(tmpdir(), 'amity-keys-')), 'proof.mjs');
      const entryPoints = [join(import.meta.dirname, 'support', 'exchanges.ts')];
      await build({
        absWorkingDir: root,
        entryPoints,
        outfile,
        plugins,
        bundle: true,
        format: 'esm',
        platform: 'node',
        mainFields: ['module', 'main'],
      });
      proofs[plugins.length ? 'with' : 'without'] = await import(pathToFileURL(outfile).href);
    }
  });

  it('sends the same bytes to EC2 and Auto Scaling, and reads the same answers', async () => {
    const without = await proofs.without?.exchanges();
    expect(without?.['ec2:CreateImage']?.body).toContain('TagSpecification.1.Tag.1.Key=Name');
    expect(without?.['ec2:DescribeImages']?.answer).toMatchObject({
      Images: [{ ImageId: 'ami-1', Tags: [{ Key: 'Name', Value: 'a&b' }] }],
    });
    expect(without?.['auto-scaling:DescribeAutoScalingGroups']?.answer).toMatchObject({
      AutoScalingGroups: [
        { MixedInstancesPolicy: { LaunchTemplate: { Overrides: [{ ImageId: 'ami-1' }] } } },
      ],
    });
    expect(await proofs.with?.exchanges()).toEqual(without);
  });

  it('is proved of every operation of theirs that a handler calls', async () => {
    const { metafile } = await bundleHandlers({ outdir: await mkdtemp(join(tmpdir(), 'amity-bundle-')) });
    const called = Object.values(metafile.outputs)
      .flatMap(({ inputs }) => Object.entries(inputs))
      .flatMap(([path, { bytesInOutput }]) => {
        const [, client, operation] =
          /client-(ec2|auto-scaling)\/dist-es\/commands\/(\w+)Command\.js$/.exec(path) ?? [];
        return client && bytesInOutput > 0 ? [`${client}:${operation}`] : [];
      });
    expect(Object.keys((await proofs.with?.exchanges()) ?? {}).sort()).toEqual([...new Set(called)].sort());
  });
});
