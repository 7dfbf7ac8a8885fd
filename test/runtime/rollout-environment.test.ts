import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  instanceRoles,
  pointerEnvironment,
  rolloutEnvironment,
} from '../../shared/runtime/rollout-environment.ts';

afterEach(() => vi.unstubAllEnvs());

const shared = { BUS_NAME: 'amity', ROLLOUTS_TABLE: 'rollouts', DRY_RUN: 'false' };
const whole = { ...shared, ROLLOUT_ARN: 'arn:rollout', INSTANCE_ROLES: '["web","api"]' };
const handedOver = (env: Record<string, string | undefined>) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
};

describe('rolloutEnvironment', () => {
  it('is the configuration’s, as the stack hands it over', () => {
    handedOver(whole);
    expect(rolloutEnvironment()).toEqual({
      busName: 'amity',
      tableName: 'rollouts',
      stateMachineArn: 'arn:rollout',
      instanceRoles: ['web', 'api'],
      dryRun: false,
    });
  });

  it.each(Object.keys(whole))('without %s there is none', (name) => {
    handedOver({ ...whole, [name]: undefined });
    expect(() => rolloutEnvironment()).toThrow(name);
  });

  it.each(['', 'yes', '1', 'TRUE'])('a dry run is never a matter of taste: "%s"', (value) => {
    handedOver({ ...whole, DRY_RUN: value });
    expect(() => rolloutEnvironment()).toThrow('DRY_RUN');
    expect(() => pointerEnvironment()).toThrow('DRY_RUN');
  });
});

describe('instanceRoles', () => {
  it.each([
    ['[]', []],
    ['["web"]', ['web']],
    ['["web","arn:aws:iam::000000000000:role/app/api"]', ['web', 'arn:aws:iam::000000000000:role/app/api']],
  ])('%s', (text, roles) => {
    vi.stubEnv('INSTANCE_ROLES', text);
    expect(instanceRoles()).toEqual(roles);
  });

  it.each(['', 'web', '"web"', '{"web":true}', '[1]', 'null'])('%s: no function starts with it', (text) => {
    vi.stubEnv('INSTANCE_ROLES', text);
    expect(() => instanceRoles()).toThrow();
  });
});

describe('pointerEnvironment', () => {
  it('needs neither a workflow nor roles', () => {
    handedOver({ ...shared, DRY_RUN: 'true', ROLLOUT_ARN: undefined, INSTANCE_ROLES: undefined });
    expect(pointerEnvironment()).toEqual({ busName: 'amity', tableName: 'rollouts', dryRun: true });
  });

  it.each(Object.keys(shared))('without %s there is none', (name) => {
    handedOver({ ...shared, [name]: undefined });
    expect(() => pointerEnvironment()).toThrow(name);
  });
});
