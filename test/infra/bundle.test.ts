import { execFile } from 'node:child_process';
import { mkdtemp, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Bundle, bundleHandlers, handlerNames, sizeTable, withFiles } from '../../infra/bundle.ts';
import { BAKES_FILE } from '../../shared/domain/bake/spec.ts';
import { env } from '../support/handler-environment.ts';

const run = promisify(execFile);
const names = handlerNames();
let bundle: Bundle;

beforeAll(async () => {
  bundle = await bundleHandlers({ outdir: await mkdtemp(join(tmpdir(), 'amity-bundle-')) });
});

const inputsOf = (name: string) =>
  Object.values(bundle.metafile.outputs).find(({ entryPoint }) => entryPoint === `handlers/${name}.ts`)
    ?.inputs ?? {};

/** They find the configuration's bakes beside them. */
const NEED_BAKES = ['schedule/bake', 'ssm-parameter-change/bake'];
const NO_BAKES = { [BAKES_FILE]: '[]' };

describe('the bundle', () => {
  it('has one file for each handler, in a folder of its own', async () => {
    expect(bundle.handlers.map(({ name }) => name)).toEqual(names);
    for (const name of names) expect(await readdir(join(bundle.directory, name))).toEqual(['index.mjs']);
  });

  it.each(names)(
    'loads %s as Lambda does: alone, from its file, with nothing installed beside it',
    async (name) => {
      const folder = join(bundle.directory, name);
      const file = join(NEED_BAKES.includes(name) ? withFiles(folder, NO_BAKES) : folder, 'index.mjs');
      const script = `import(${JSON.stringify(file)}).then(({ handler }) => console.log(typeof handler))`;
      const { stdout } = await run(process.execPath, ['--eval', script], { env });
      expect(stdout.trim()).toBe('function');
    },
  );

  /** EC2's client is the largest by far: it is where it is called, and nowhere else. */
  const CALL_EC2 = [
    'ami-available/clean-up',
    'ami-available/notify',
    'ami-available/roll-out',
    'ami-available/set-pointer',
    'ami-bake-requested/start-bake',
    'ami-requested/create-image',
    'ami-restore-requested/restore-image',
    'ami-rollback-requested/roll-back',
    'backup-job-state-change/request-image',
    'bake/check-base-image',
    'bake/create-image',
    'bake/give-up',
    'bake/run-builder',
    'bake/stop-builder',
    'bake/tear-down',
    'move/conclude',
    'move/request-image',
    'move/run-instance',
    'rollout/check-refresh',
    'rollout/start-refresh',
    'schedule/bake',
    'schedule/clean-up',
    'schedule/follow-newest',
    'ssm-parameter-change/bake',
    'states-execution-change/give-up-bake',
    'waiter/check-image',
    'waiter/conclude-validation',
  ];

  it('holds the EC2 client only where EC2 is called', () => {
    const holding = names.filter((name) =>
      Object.keys(inputsOf(name)).some((path) => path.includes('client-ec2/')),
    );
    expect(holding).toEqual(CALL_EC2);
  });

  it('drops the operations of EC2 that nobody calls', () => {
    const schema = Object.entries(inputsOf('schedule/clean-up')).find(([path]) =>
      path.endsWith('client-ec2/dist-es/schemas/schemas_0.js'),
    );
    // The whole is 1,300 KB.
    expect(schema?.[1].bytesInOutput).toBeLessThan(90_000);
  });

  it('leaves each function below a megabyte, and prints the sizes', () => {
    for (const { name, bytes } of bundle.handlers) expect(bytes, name).toBeLessThan(1024 ** 2);
    expect(sizeTable(bundle)).toMatch(/^ami-available\/clean-up +\d+ KB$/m);
  });

  it('does not touch a file that is as it should be: another process may be copying it', async () => {
    const file = join(bundle.directory, 'http/request-ami/index.mjs');
    const before = await stat(file);
    await bundleHandlers({ outdir: bundle.directory });
    expect((await stat(file)).mtimeMs).toBe(before.mtimeMs);
    expect(await readdir(join(bundle.directory, 'http'))).toEqual(['authorize', 'bake-ami', 'request-ami']);
  });
});
