import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AutoScalingRefreshChange } from '../shared/events/auto-scaling-refresh-change.ts';
import { BackupJobStateChange } from '../shared/events/backup-job-state-change.ts';
import { Ec2AmiStateChange } from '../shared/events/ec2-ami-state-change.ts';
import { Ec2InstanceStateChange } from '../shared/events/ec2-instance-state-change.ts';
import { ANNOUNCED, EVENTS, TOLD_TOGETHER } from '../shared/events/index.ts';
import { SsmParameterChange } from '../shared/events/ssm-parameter-change.ts';
import { StatesExecutionChange } from '../shared/events/states-execution-change.ts';

const ROOT = join(import.meta.dirname, '..');
const CODE = ['shared', 'handlers', 'infra', 'cli', 'local', 'scripts'];

interface Import {
  readonly file: string;
  /** Of ours: the path from the root. Of a package: its name. */
  readonly of: string;
  readonly typeOnly: boolean;
}

const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const filesIn = (...folders: string[]) =>
  folders.flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: ROOT })).toSorted();

const IMPORT = /^(?:import|export)\s+(type\s)?(?:([^'";]*?)\sfrom\s+)?'([^']+)'/gm;

const importsOf = (file: string): Import[] =>
  [...textOf(file).matchAll(IMPORT)].map(([, type, what = '', of = '']) => ({
    file,
    of: of.startsWith('.') ? relative(ROOT, join(ROOT, dirname(file), of)) : of,
    typeOnly: Boolean(type) || onlyTypes(what),
  }));

/** `{ type A, type B }` */
const onlyTypes = (what: string) =>
  what.startsWith('{') &&
  what
    .replace(/[{}]/g, '')
    .split(',')
    .map((name) => name.trim())
    .every((name) => name === '' || name.startsWith('type '));

/** The imports of a folder that a rule does not allow, as lines that say what is wrong. */
const breaches = (folder: string, allowed: (each: Import) => boolean) =>
  filesIn(folder)
    .flatMap(importsOf)
    .filter((each) => !allowed(each))
    .map(({ file, of }) => `${file} imports ${of}`);

const isOurs = ({ of }: Import) => CODE.some((folder) => of.startsWith(`${folder}/`));

describe('imports point inward', () => {
  it('reads imports at all', () => {
    expect(importsOf('shared/domain/card.ts')).toEqual([
      { file: 'shared/domain/card.ts', of: 'shared/events/ami-available.ts', typeOnly: true },
      { file: 'shared/domain/card.ts', of: 'shared/events/ami-cleaned.ts', typeOnly: true },
      { file: 'shared/domain/card.ts', of: 'shared/events/ami-failed.ts', typeOnly: true },
      { file: 'shared/domain/card.ts', of: 'shared/events/ami-restore-failed.ts', typeOnly: true },
      { file: 'shared/domain/card.ts', of: 'shared/events/ami-restored.ts', typeOnly: true },
    ]);
    expect(filesIn('shared', 'handlers').flatMap(importsOf).length).toBeGreaterThan(100);
  });

  it('domain: its own modules, and types; no package, no clock of its own, no environment', () => {
    expect(
      breaches('shared/domain', ({ of, typeOnly }) => typeOnly || of.startsWith('shared/domain/')),
    ).toEqual([]);
    for (const file of filesIn('shared/domain')) {
      expect(textOf(file), file).not.toMatch(/Date\.now\(|new Date\(\)|process\.|Math\.random|performance\./);
    }
  });

  it('events: no handler, no call to AWS', () => {
    const allowed = (each: Import) =>
      !isOurs(each) || each.typeOnly || /^shared\/(events|domain)\//.test(each.of);
    expect(breaches('shared/events', allowed)).toEqual([]);
    expect(breaches('shared/events', ({ of, typeOnly }) => typeOnly || !/^(@aws|aws-)/.test(of))).toEqual([]);
  });

  it('shared: nothing of handlers, infra, local or cli', () => {
    expect(breaches('shared', (each) => !isOurs(each) || each.of.startsWith('shared/'))).toEqual([]);
  });

  it('handlers: shared alone, never each other or infra', () => {
    expect(breaches('handlers', (each) => !isOurs(each) || each.of.startsWith('shared/'))).toEqual([]);
  });

  it('infra: never local, and of shared nothing that calls AWS', () => {
    expect(breaches('infra', ({ of }) => !/^(local|cli|shared\/(aws|runtime))\//.test(of))).toEqual([]);
  });

  it('handlers and shared: only what is a dependency at run time', () => {
    const { dependencies, devDependencies } = JSON.parse(textOf('package.json'));
    const known = Object.keys(dependencies);
    const allowed = (each: Import) =>
      isOurs(each) ||
      each.of.startsWith('node:') ||
      known.some((name) => each.of === name || each.of.startsWith(`${name}/`)) ||
      (each.typeOnly && (each.of in devDependencies || `@types/${each.of}` in devDependencies));
    expect([...breaches('shared', allowed), ...breaches('handlers', allowed)]).toEqual([]);
  });
});

const FROM_AWS = [
  ...AutoScalingRefreshChange.detailTypes,
  ...[BackupJobStateChange, Ec2AmiStateChange, Ec2InstanceStateChange].map(({ detailType }) => detailType),
  ...[SsmParameterChange, StatesExecutionChange].map(({ detailType }) => detailType),
];

describe('one name runs through all', () => {
  const handlers = filesIn('handlers');

  it.each(handlers)('%s is in handlers/<trigger>/<what it does> and has its test', (file) => {
    expect(file).toMatch(/^handlers\/[a-z0-9-]+\/[a-z0-9-]+\.ts$/);
    expect(existsSync(join(ROOT, 'test', file.replace(/\.ts$/, '.test.ts')))).toBe(true);
  });

  it.each(handlers)('%s exports its wrapped handler and nothing else', (file) => {
    const exported = [...textOf(file).matchAll(/^export (?:const|function|class|async function) (\w+)/gm)];
    expect(exported.map(([, name]) => name)).toEqual(['handler']);
    expect(textOf(file)).toMatch(
      /export const handler = (consumer|batchConsumer|notifier|notifierOf|httpHandler|middy)\(/,
    );
  });

  const kebab = (name: string) => name.replace(/(?!^)[A-Z]/g, '-$&').toLowerCase();

  it.each(Object.keys(EVENTS))('%s has its schema’s file, its example, and its name typed once', (name) => {
    const home = `shared/events/${kebab(name)}.ts`;
    expect(existsSync(join(ROOT, home))).toBe(true);
    expect(existsSync(join(ROOT, 'examples', 'events', `${kebab(name)}.json`))).toBe(true);
    expect(textOf('shared/events/index.ts')).toContain(`./${kebab(name)}.ts`);
  });

  it.each(ANNOUNCED)('%s has the one handler that tells it, by its own name or that of its kind', (name) => {
    const together = Object.entries(TOLD_TOGETHER).filter(([, all]) => all.some((each) => each === name));
    const homes = [name, ...together.map(([kind]) => kind)].map((of) => `handlers/${kebab(of)}/notify.ts`);
    const [home = '', ...others] = homes.filter((file) => existsSync(join(ROOT, file)));
    expect(others).toEqual([]);
    expect(textOf(home)).toContain(`/${kebab(name)}.ts'`);
  });

  it('a detail-type is typed in shared/events alone', () => {
    const names = [...Object.keys(EVENTS), ...FROM_AWS];
    // In quotes: in backticks it is prose, of a comment or of a message. The stack's ids are the names by design.
    const elsewhere = filesIn('shared', 'handlers', 'infra').filter(
      (file) => !/^(shared\/events\/|infra\/(amity-stack|flows)\.ts)/.test(file),
    );
    const typed = elsewhere.flatMap((file) =>
      names
        .filter((name) => new RegExp(`(['"])${name}\\1`).test(textOf(file)))
        .map((name) => `${file}: ${name}`),
    );
    expect(typed).toEqual([]);
  });

  it('every example is an event that we know', () => {
    const known = [
      ...Object.values(EVENTS).map(({ detailType }) => detailType),
      Ec2AmiStateChange.detailType,
    ];
    for (const file of globSync('examples/events/*.json', { cwd: ROOT })) {
      expect(known, file).toContain(JSON.parse(textOf(file))['detail-type']);
    }
  });
});

describe('what runs on AWS knows nothing of the stand-in', () => {
  it.each(filesIn('shared', 'handlers', 'infra'))('%s names no local port and no local endpoint', (file) => {
    expect(textOf(file)).not.toMatch(/localhost:\d|127\.0\.0\.1:\d|\b4566\b|ministack|\bmoto\b/i);
    // A builder's script sends its signal where every SDK would.
    const isUserData = file === 'shared/domain/bake/user-data.ts';
    if (!isUserData) expect(textOf(file)).not.toContain('AWS_ENDPOINT_URL');
  });
});

describe('size', () => {
  it.each(filesIn('shared', 'handlers'))('%s has at most 200 lines', (file) => {
    expect(textOf(file).split('\n').length).toBeLessThanOrEqual(200);
  });

  it.each(filesIn('test'))('%s has at most 300', (file) => {
    expect(textOf(file).split('\n').length).toBeLessThanOrEqual(301);
  });
});
