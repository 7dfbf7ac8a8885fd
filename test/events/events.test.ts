import { describe, expect, it } from 'vitest';
import { AmiAvailable } from '../../shared/events/ami-available.ts';
import { AmiCreated } from '../../shared/events/ami-created.ts';
import { AmiFailed } from '../../shared/events/ami-failed.ts';
import { AmiRequested } from '../../shared/events/ami-requested.ts';
import { Ec2AmiStateChange } from '../../shared/events/ec2-ami-state-change.ts';
import { Envelope } from '../../shared/events/event.ts';
import { ANNOUNCED, EVENTS, TOLD_TOGETHER } from '../../shared/events/index.ts';
import { envelope, example } from '../support/events.ts';
import { fc } from '../support/property.ts';

const kebab = (name: string) => name.replace(/(?!^)[A-Z]/g, '-$&').toLowerCase();
const events = Object.entries(EVENTS).map(([name, event]) => ({
  name,
  event,
  recorded: example(kebab(name)),
}));

describe.each(events)('$name', ({ name, event, recorded }) => {
  it('has one name everywhere', () => {
    expect(event.detailType).toBe(name);
    expect(recorded['detail-type']).toBe(name);
    expect(event.ours('000000000000')).toEqual({
      source: ['amity'],
      account: ['000000000000'],
      detailType: [name],
    });
  });

  it('decodes its example whole', () => {
    expect(event.decode(Envelope.parse(recorded))).toEqual(recorded.detail);
  });

  it('does not know a field of a later version, and does not mind it', () => {
    const detail = { ...(recorded.detail as object), later: true };
    expect(event.decode({ ...recorded, detail })).toEqual(recorded.detail);
  });

  it.each(Object.keys(recorded.detail as object))(
    'wants or spares /%s, and never takes it wrong',
    (field) => {
      const detail = { ...(recorded.detail as Record<string, unknown>), [field]: { wrong: true } };
      expect(() =>
        event.decode({ ...recorded, detail: field === 'counts' ? { ...detail, counts: 1 } : detail }),
      ).toThrow();
    },
  );

  it.each([null, [], 'text', 7, {}])('is not %j', (detail) => {
    expect(() => event.decode({ ...recorded, detail })).toThrow();
  });
});

describe('of a bake', () => {
  it.each([
    ['ami-available.bake', AmiAvailable],
    ['ami-failed.bake', AmiFailed],
  ])('the example %s is decoded whole', (name, event) => {
    const recorded = example(name);
    expect(recorded['detail-type']).toBe(event.detailType);
    const detail = event.decode(Envelope.parse(recorded));
    expect(detail).toEqual(recorded.detail);
  });

  it.each([
    ['ami-available.bake', AmiAvailable, { baseImageId: 'resolve:ssm:/golden' }],
    ['ami-failed.bake', AmiFailed, { stage: 'boot' }],
    ['ami-failed.bake', AmiFailed, { code: 'script-broke' }],
    ['ami-failed.bake', AmiFailed, { output: ['line'] }],
  ])('%s is none with %3$j', (name, event, wrong) => {
    const recorded = example(name);
    const detail = { ...(recorded.detail as object), ...wrong };
    expect(() => event.decode({ ...recorded, detail })).toThrow();
  });
});

it('whatever is announced is an event', () => {
  expect(ANNOUNCED.every((name) => name in EVENTS)).toBe(true);
});

it('whatever is told together is announced, and told by one function only', () => {
  const together: string[] = Object.values(TOLD_TOGETHER).flat();
  expect(together.filter((name) => !ANNOUNCED.some((each) => each === name))).toEqual([]);
  expect(together).toEqual([...new Set(together)]);
});

it('of a consistent backup, the request is decoded whole', () => {
  const recorded = example('ami-requested.backup');
  const detail = AmiRequested.decode(Envelope.parse(recorded));
  expect(detail).toEqual(recorded.detail);
  for (const instanceId of ['', 'service-api', 'i-0123', 'I-0123ABCD', 'i-0123abcd i-0123abce', 7]) {
    expect(() => AmiRequested.decode({ ...recorded, detail: { ...detail, instanceId } })).toThrow();
  }
});

const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 100 })
  .filter((value) => /^\P{Cc}+$/u.test(value));
const requestId = fc.stringMatching(/^[A-Za-z0-9_.:/=+@-]{1,128}$/);
const imageId = fc.stringMatching(/^ami-[0-9a-f]{8,17}$/);
const instanceId = fc.stringMatching(/^i-[0-9a-f]{8,17}$/);

describe('encode, then decode, gives the same', () => {
  it('AmiRequested', () => {
    const retentionDays = fc.integer({ min: 1, max: 36_500 });
    const optional = { requestId, reason: text, noReboot: fc.boolean(), retentionDays, instanceId };
    const details = fc.record(
      { instanceName: text, ...optional, tags: fc.dictionary(fc.stringMatching(/^t[a-z0-9]{1,9}$/), text) },
      { requiredKeys: ['instanceName'] },
    );
    fc.assert(
      fc.property(details, (detail) => {
        const { Detail = '' } = AmiRequested.encode(detail);
        expect(AmiRequested.decode(envelope({ detail: JSON.parse(Detail) }))).toEqual(
          JSON.parse(JSON.stringify(detail)),
        );
      }),
    );
  });

  it('AmiCreated', () => {
    const details = fc.record({
      requestId,
      attempt: fc.integer({ min: 1, max: 1000 }),
      instanceName: text,
      imageId,
      imageName: text,
      region: text,
      instanceId: text,
      reason: text,
      noReboot: fc.boolean(),
    });
    fc.assert(
      fc.property(details, (detail) => {
        const { Detail = '' } = AmiCreated.encode(detail);
        expect(AmiCreated.decode(envelope({ detail: JSON.parse(Detail) }))).toEqual(detail);
      }),
    );
  });
});

it('encode refuses what breaks our own contract', () => {
  const detail = AmiFailed.decode(example('ami-failed'));
  expect(() => AmiFailed.encode({ ...detail, attempt: 0 })).toThrow();
  expect(() => AmiFailed.encode({ ...detail, requestId: 'no spaces' })).toThrow();
});

it('EC2’s own event is read in EC2’s own spelling', () => {
  const recorded = example('ec2-ami-state-change');
  expect(recorded).toMatchObject({
    source: Ec2AmiStateChange.source,
    'detail-type': Ec2AmiStateChange.detailType,
  });
  expect(Ec2AmiStateChange.decode(recorded)).toEqual({
    ImageId: 'ami-0123456789abcdef0',
    State: 'available',
  });
});
