import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { readPlan } from '../../cli/saved-plan.ts';
import { ec2Error } from '../support/aws-errors.ts';
import { once } from '../support/calls.ts';
import { CleanUpWorld, old } from '../support/clean-up-world.ts';
import { stopClock } from '../support/clock.ts';
import { file, run } from '../support/command.ts';
import { NOW } from '../support/events.ts';

vi.mock('../../shared/runtime/sleep.ts', () => import('../support/fake-sleep.ts'));
stopClock();

let world: CleanUpWorld;
beforeEach(() => {
  world = new CleanUpWorld();
  world.has(1, 2, 20, 30);
});
const config = (retention: object = {}) => ['--config', file('amity.config.json', { retention })];

describe('npm run plan', () => {
  it('prints what would happen, and changes nothing', async () => {
    const { out, err, exitCode } = await run('plan', ...config());
    expect(out).toMatch(/^us-east-1: keep 2, delete 2\nACTION +IMAGE/);
    expect(out).toContain(`delete  ${old(30)}`);
    expect([err, exitCode]).toEqual(['', undefined]);
    expect(world.calls.names.filter((name) => !/^(Describe|List|GetParameter)/.test(name))).toEqual([]);
  });

  it('--json prints it whole', async () => {
    const plan = JSON.parse((await run('plan', '--json', ...config())).out);
    expect(plan).toMatchObject({ version: 1, region: 'us-east-1', plannedAt: NOW.toISOString() });
    expect(plan.plans[0].entries[0]).toMatchObject({
      action: 'delete',
      imageId: old(30),
      for: ['older than 14 days'],
    });
  });

  it('--out saves it for npm run apply', async () => {
    const path = file('plan.json');
    const { out, err } = await run('plan', '--out', path, ...config());
    expect(out).toContain('keep 2, delete 2');
    expect(err).toBe(`Saved. To do it: npm run apply -- ${path}`);
    expect((await readPlan(path)).plans[0]?.entries).toContainEqual({ action: 'delete', imageId: old(20) });
    expect(readFileSync(path, 'utf8').endsWith('}\n')).toBe(true);
  });

  it('--name is for one instance name', async () => {
    for (const age of [3, 4, 40]) world.add(age, {}, 'service-worker');
    const { out } = await run('plan', '--name', 'service-worker', ...config());
    expect(out).toContain('keep 2, delete 1');
    expect(out).not.toContain(old(30));
  });

  it('plans every region, the environment’s first', async () => {
    world.add(50, {}, 'service-api', 'eu-west-1');
    const { out } = await run('plan', ...config({ regions: ['eu-west-1', 'us-east-1'] }));
    expect(out.split('\n\n').map((table) => table.split('\n')[0])).toEqual([
      'us-east-1: keep 2, delete 2',
      'eu-west-1: keep 1',
    ]);
  });

  it('says that the share stops it; --despite-share plans nevertheless', async () => {
    for (let age = 40; age < 65; age += 1) world.add(age);
    expect((await run('plan', ...config())).out).toContain('STOPPED: 27 of 29 images');
    expect((await run('plan', '--despite-share', ...config())).out).toContain('keep 2, delete 27');
  });

  it('says when nothing of it would be done now', async () => {
    world.deletion = 'off';
    expect((await run('plan', ...config())).err).toBe(
      'Nothing of it would be done now: /amity/deletion is off.',
    );
  });

  it('a configuration that is wrong: no plan, in a sentence', async () => {
    const { out, err, exitCode } = await run('plan', ...config({ days: 0 }));
    expect(err).toMatch(/^There is no plan\. ConfigError: .*amity\.config\.json is not right/);
    expect([out, exitCode]).toEqual(['', 1]);
    expect(world.calls.names).toEqual([]);
  });

  it('EC2 that does not answer: no plan', async () => {
    const error = ec2Error('UnauthorizedOperation', 'not you');
    world.calls.faults = once({ when: 'before', how: 'throws', error });
    expect(await run('plan', ...config())).toEqual({
      out: '',
      err: 'There is no plan. UnauthorizedOperation: not you',
      exitCode: 1,
    });
  });
});
