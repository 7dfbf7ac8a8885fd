import { describe, expect, it } from 'vitest';
import { AmiMoveFailed } from '../../shared/events/ami-move-failed.ts';
import { AmiMoveRequested } from '../../shared/events/ami-move-requested.ts';
import { AmiMoved } from '../../shared/events/ami-moved.ts';
import { AmiRollbackRequested } from '../../shared/events/ami-rollback-requested.ts';
import { AmiRolledOut } from '../../shared/events/ami-rolled-out.ts';
import { AmiRolloutFailed } from '../../shared/events/ami-rollout-failed.ts';
import { AmiRolloutPlanned } from '../../shared/events/ami-rollout-planned.ts';
import { AmiRolloutSucceeded } from '../../shared/events/ami-rollout-succeeded.ts';
import type { Envelope } from '../../shared/events/event.ts';
import { check, sentenceOf } from '../../shared/events/problems.ts';
import { envelope, example } from '../support/events.ts';
import { fc } from '../support/property.ts';

describe('AmiRollbackRequested', () => {
  const templateId = 'lt-0123456789abcdef0';

  it.each([
    ['a name', { instanceName: 'service-api' }],
    ['a template', { launchTemplateId: templateId }],
    ['a template’s version', { launchTemplateId: templateId, version: 7 }],
    ['a name’s version, where one template follows it', { instanceName: 'service-api', version: 1 }],
    ['an id of its own', { instanceName: 'service-api', requestId: 'incident-311' }],
  ])('asks for %s', (_, detail) => {
    expect(AmiRollbackRequested.decode(envelope({ detail }))).toEqual(detail);
  });

  it.each<[string, object, RegExp]>([
    ['nobody', { version: 7 }, /either an instanceName or a launchTemplateId/],
    ['both', { instanceName: 'service-api', launchTemplateId: templateId }, /must name either/],
    ['an empty name', { instanceName: '' }, /^\/instanceName must not be empty$/],
    ['a template’s name', { launchTemplateId: 'web' }, /launchTemplateId must be a launch template id, lt-…/],
    ['version 0', { launchTemplateId: templateId, version: 0 }, /version must be at least 1/],
    ['half a version', { launchTemplateId: templateId, version: 1.5 }, /version must be a whole number/],
    ['a version in words', { launchTemplateId: templateId, version: '$Latest' }, /version must be a whole/],
    ['a strange id', { instanceName: 'a', requestId: 'no spaces' }, /requestId must be 1 to 128 letters/],
  ])('with %s is refused in words', (_, detail, words) => {
    const { problems = [] } = check(AmiRollbackRequested.schema, detail);
    expect(sentenceOf(problems)).toMatch(words);
  });
});

describe('AmiMoveRequested', () => {
  const detail = { instanceId: 'i-0123456789abcdef0', subnetId: 'subnet-0123456789abcdef0' };

  it('asks for no more than which instance goes where', () => {
    expect(AmiMoveRequested.decode(envelope({ detail }))).toEqual(detail);
  });

  it.each<[string, object, RegExp]>([
    ['no instance', { instanceId: undefined }, /instanceId is missing/],
    ['no subnet', { subnetId: undefined }, /subnetId is missing/],
    ['a name', { instanceId: 'service-api' }, /instanceId must be an instance id, i-…/],
    ['a zone', { subnetId: 'us-east-1b' }, /subnetId must be a subnet id, subnet-…/],
    ['a perhaps', { stopSource: 'perhaps' }, /stopSource must be a boolean/],
    ['a strange id', { requestId: '' }, /requestId must be/],
  ])('with %s is refused in words', (_, wrong, words) => {
    const { problems = [] } = check(AmiMoveRequested.schema, { ...detail, ...wrong });
    expect(sentenceOf(problems)).toMatch(words);
  });
});

describe('what came of it', () => {
  const without = (recorded: Envelope, field: string) => {
    const { [field]: _, ...detail } = recorded.detail as Record<string, unknown>;
    return { ...recorded, detail };
  };

  it.each(['launchTemplateId', 'version', 'imageId', 'previousVersion', 'instanceName', 'requestId'])(
    'is never told without /%s, which the contract names',
    (field) => {
      expect(() => AmiRolledOut.decode(without(example('ami-rolled-out'), field))).toThrow();
      const succeeded = without(example('ami-rollout-succeeded'), field);
      expect(() => AmiRolloutSucceeded.decode(succeeded)).toThrow();
    },
  );

  it('is told of a first image too: there was none before', () => {
    const first = without(example('ami-rolled-out'), 'previousImageId');
    expect(AmiRolledOut.decode(first)).toEqual(first.detail);
  });

  it('names the group that was refreshed', () => {
    const recorded = without(example('ami-rollout-succeeded'), 'autoScalingGroupName');
    expect(() => AmiRolloutSucceeded.decode(recorded)).toThrow();
  });

  it.each([
    ['AmiRolloutFailed', AmiRolloutFailed, { code: 'no-follower', message: 'Nobody.' }],
    ['AmiRolloutPlanned', AmiRolloutPlanned, { code: 'move-pointer', message: 'It would be moved.' }],
    ['AmiMoveFailed', AmiMoveFailed, { code: 'move-error', message: 'Oh.', requestId: 'one' }],
  ])('%s needs no more than its code, and its words', (_, event, detail) => {
    expect(event.decode(envelope({ detail }))).toEqual(detail);
    for (const wrong of [{ code: 'a-new-one' }, { code: undefined }, { message: undefined }]) {
      expect(() => event.decode(envelope({ detail: { ...detail, ...wrong } }))).toThrow();
    }
  });

  it('one event’s codes are not the other’s', () => {
    const refused = { code: 'refresh-failed', message: 'No.', requestId: 'one' };
    expect(() => AmiMoveFailed.decode(envelope({ detail: refused }))).toThrow();
    expect(() => AmiRolloutPlanned.decode(envelope({ detail: refused }))).toThrow();
    expect(AmiRolloutFailed.decode(envelope({ detail: refused }))).toEqual(refused);
  });
});

describe('encode, then decode, gives the same', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 });
  const version = fc.integer({ min: 1, max: 2 ** 31 });
  const id = (prefix: string) => fc.stringMatching(new RegExp(`^${prefix}-[0-9a-f]{8,17}$`));

  it('AmiRolledOut', () => {
    const details = fc.record(
      {
        launchTemplateId: id('lt'),
        version,
        imageId: id('ami'),
        previousVersion: version,
        previousImageId: id('ami'),
        instanceName: text,
        requestId: text,
      },
      {
        requiredKeys: [
          'launchTemplateId',
          'version',
          'imageId',
          'previousVersion',
          'instanceName',
          'requestId',
        ],
      },
    );
    fc.assert(
      fc.property(details, (detail) => {
        const { Source, DetailType, Detail = '' } = AmiRolledOut.encode(detail);
        expect([Source, DetailType]).toEqual(['amity', 'AmiRolledOut']);
        expect(AmiRolledOut.decode(envelope({ detail: JSON.parse(Detail) }))).toEqual({ ...detail });
      }),
    );
  });

  it('AmiMoved', () => {
    const details = fc.record({
      sourceInstanceId: id('i'),
      instanceId: id('i'),
      imageId: id('ami'),
      instanceName: text,
      subnetId: id('subnet'),
      sourceStopped: fc.boolean(),
      requestId: text,
    });
    fc.assert(
      fc.property(details, (detail) => {
        const { Detail = '' } = AmiMoved.encode(detail);
        expect(AmiMoved.decode(envelope({ detail: JSON.parse(Detail) }))).toEqual({ ...detail });
      }),
    );
  });
});
