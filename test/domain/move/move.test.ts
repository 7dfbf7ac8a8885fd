import { describe, expect, it } from 'vitest';
import {
  cannotMove,
  healthOf,
  type SourceFacts,
  type StatusFacts,
  type SubnetFacts,
} from '../../../shared/domain/move/move.ts';
import { MINUTE } from '../../support/clock.ts';
import { NOW } from '../../support/events.ts';
import { fc } from '../../support/property.ts';

const source = (overrides: Partial<SourceFacts> = {}): SourceFacts => ({
  instanceId: 'i-1',
  name: 'service-api',
  state: 'running',
  rootDeviceType: 'ebs',
  groupName: undefined,
  vpcId: 'vpc-1',
  ...overrides,
});
const UNKNOWN: StatusFacts = { state: 'unknown', instanceStatus: 'unknown', systemStatus: 'unknown' };
const subnet: SubnetFacts = { subnetId: 'subnet-1', vpcId: 'vpc-1' };

describe('cannotMove', () => {
  it('nothing stands against a running instance with a name, in the subnet’s own VPC', () => {
    expect(cannotMove(source(), subnet)).toBeUndefined();
  });

  it.each<[string, SourceFacts | undefined, RegExp]>([
    ['one that is not there', undefined, /^The source does not exist in this account and region\.$/],
    ['a stopped one', source({ state: 'stopped' }), /^The source i-1 is stopped, not running\.$/],
    ['one that begins', source({ state: 'pending' }), /is pending, not running/],
    ['one that ends', source({ state: 'shutting-down' }), /is shutting-down, not running/],
    ['a nameless one', source({ name: '' }), /^The source i-1 has no Name tag/],
    ['an instance store', source({ rootDeviceType: 'instance-store' }), /i-1 has an instance store/],
    ['a member of a group', source({ groupName: 'api-blue' }), /i-1 is a member of .* group api-blue, which/],
  ])('source-unfit: %s, whatever the subnet', (_, facts, message) => {
    for (const target of [subnet, { ...subnet, vpcId: 'vpc-2' }, undefined]) {
      expect(cannotMove(facts, target)).toEqual({
        code: 'source-unfit',
        message: expect.stringMatching(message),
      });
    }
  });

  it.each<[string, SubnetFacts | undefined, RegExp]>([
    ['one that is not there', undefined, /does not exist in this account and region/],
    ['one of another VPC', { ...subnet, vpcId: 'vpc-2' }, /subnet-1 is in vpc-2, and the source in vpc-1/],
  ])('subnet-unfit: %s', (_, target, message) => {
    expect(cannotMove(source(), target)).toEqual({
      code: 'subnet-unfit',
      message: expect.stringMatching(message),
    });
  });
});

describe('healthOf', () => {
  const status = (overrides: Partial<StatusFacts> = {}): StatusFacts => ({
    state: 'running',
    instanceStatus: 'ok',
    systemStatus: 'ok',
    ...overrides,
  });
  const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * MINUTE);

  it.each<[string, StatusFacts | undefined]>([
    ['EC2 does not know it yet', undefined],
    ['it begins', status({ state: 'pending', instanceStatus: 'not-applicable' })],
    ['its own checks go on', status({ instanceStatus: 'initializing' })],
    ['the system’s checks go on', status({ systemStatus: 'initializing' })],
    ['it is impaired, which can pass', status({ instanceStatus: 'impaired' })],
    ['EC2 has too little data', status({ systemStatus: 'insufficient-data' })],
    ['a state of next year', status({ state: 'hibernating' })],
  ])('%s: an hour long it is waited for, and no longer', (_, facts) => {
    expect(healthOf(facts, minutesAgo(0), NOW)).toBeUndefined();
    expect(healthOf(facts, minutesAgo(59.99), NOW)).toBeUndefined();
    for (const minutes of [60, 600]) {
      const { state, instanceStatus, systemStatus } = facts ?? UNKNOWN;
      expect(healthOf(facts, minutesAgo(minutes), NOW)).toEqual({
        code: 'unhealthy',
        message: `The new instance is ${state}, and its status checks say ${instanceStatus} (instance) and ${systemStatus} (system) after an hour.`,
      });
    }
  });

  it.each(['shutting-down', 'terminated', 'stopping', 'stopped'])('%s: it will not get well', (state) => {
    expect(healthOf(status({ state }), minutesAgo(1), NOW)).toEqual({
      code: 'unhealthy',
      message: `The new instance is ${state}.`,
    });
  });

  it('is healthy only when all is well, and then however late', () => {
    const words = fc.constantFrom('ok', 'impaired', 'initializing', 'insufficient-data', 'not-applicable');
    const states = fc.constantFrom('running', 'running', 'pending', 'stopped', 'terminated');
    const some = fc.record({ state: states, instanceStatus: words, systemStatus: words });
    fc.assert(
      fc.property(some, fc.integer({ min: 0, max: 120 }), (facts, minutes) => {
        const isWell = Object.values(facts).join() === 'running,ok,ok';
        const health = healthOf(facts, minutesAgo(minutes), NOW);
        expect(health === 'healthy').toBe(isWell);
        if (minutes >= 60) expect(health).toBeDefined();
      }),
    );
  });
});
