import { describe, expect, it } from 'vitest';
import {
  isAt,
  isMoving,
  type Launches,
  pinned,
  specificationsOf,
  uses,
  withVersion,
} from '../../../shared/aws/rollout/group-launches.ts';

const at = (LaunchTemplateId: string, Version?: string) => ({
  LaunchTemplateId,
  LaunchTemplateName: `name-of-${LaunchTemplateId}`,
  ...(Version && { Version }),
});
const plain = (version?: string): Launches => ({ launchTemplate: at('lt-1', version), policy: undefined });
const mixed: Launches = {
  launchTemplate: undefined,
  policy: {
    LaunchTemplate: {
      LaunchTemplateSpecification: at('lt-1', '1'),
      Overrides: [
        { InstanceType: 't3.small' },
        { InstanceType: 'm7g.large', LaunchTemplateSpecification: at('lt-2', '$Latest') },
        { InstanceType: 'm7i.large', LaunchTemplateSpecification: at('lt-1', '2') },
      ],
    },
    InstancesDistribution: { OnDemandBaseCapacity: 1 },
  },
};
const nothing: Launches = { launchTemplate: undefined, policy: undefined };

describe('what a group starts from', () => {
  it('is its template, or those of its policy and of its overrides', () => {
    expect(specificationsOf(plain('1'))).toEqual([at('lt-1', '1')]);
    expect(specificationsOf(mixed)).toEqual([at('lt-1', '1'), at('lt-2', '$Latest'), at('lt-1', '2')]);
  });

  it('is nothing, with a launch configuration', () => {
    expect(specificationsOf(nothing)).toEqual([]);
    expect(uses(nothing, 'lt-1')).toBe(false);
    expect(withVersion(nothing, 'lt-1', 2)).toEqual(nothing);
  });

  it.each([
    [plain('1'), 'lt-1', true],
    [plain('1'), 'lt-2', false],
    [mixed, 'lt-2', true],
    [mixed, 'lt-3', false],
  ])('%# uses a template anywhere', (launches, id, expected) => {
    expect(uses(launches, id)).toBe(expected);
  });
});

it.each([
  [undefined, true],
  ['$Default', true],
  ['$Latest', true],
  ['1', false],
  ['12', false],
])('%s moves: %s', (version, expected) => {
  expect(isMoving(at('lt-1', version))).toBe(expected);
});

it.each([
  [plain('2'), 'lt-1', 2, true],
  [plain('2'), 'lt-1', 22, false],
  [plain('$Default'), 'lt-1', 2, false],
  [plain(), 'lt-1', 2, false],
  [mixed, 'lt-1', 2, false],
  [mixed, 'lt-2', 1, false],
])(
  '%# is at a version with all that it has of the template, as a number',
  (launches, id, version, expected) => {
    expect(isAt(launches, id, version)).toBe(expected);
  },
);

describe('a change', () => {
  it('of the version is of that template alone, and leaves the rest; by id, for the service takes one of the two', () => {
    const { policy, launchTemplate } = withVersion(mixed, 'lt-1', 7);
    expect(launchTemplate).toBeUndefined();
    expect(policy).toEqual({
      LaunchTemplate: {
        LaunchTemplateSpecification: { LaunchTemplateId: 'lt-1', Version: '7' },
        Overrides: [
          { InstanceType: 't3.small' },
          {
            InstanceType: 'm7g.large',
            LaunchTemplateSpecification: { LaunchTemplateId: 'lt-2', Version: '$Latest' },
          },
          {
            InstanceType: 'm7i.large',
            LaunchTemplateSpecification: { LaunchTemplateId: 'lt-1', Version: '7' },
          },
        ],
      },
      InstancesDistribution: { OnDemandBaseCapacity: 1 },
    });
  });

  it('changes nothing of what it was given', () => {
    const before = structuredClone(mixed);
    withVersion(mixed, 'lt-1', 7);
    pinned(mixed, () => 7);
    expect(mixed).toEqual(before);
  });

  it('that pins is of what moves alone', () => {
    const versions = specificationsOf(pinned(mixed, () => 7)).map(({ Version }) => Version);
    expect(versions).toEqual(['1', '7', '2']);
    expect(pinned(plain(), () => 7).launchTemplate).toEqual({ LaunchTemplateId: 'lt-1', Version: '7' });
  });

  it('of a template that has a name alone keeps that', () => {
    const named: Launches = {
      launchTemplate: { LaunchTemplateName: 'web', Version: '$Latest' },
      policy: undefined,
    };
    expect(pinned(named, () => 7).launchTemplate).toEqual({ LaunchTemplateName: 'web', Version: '7' });
  });
});
