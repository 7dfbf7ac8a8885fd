import { describe, expect, it } from 'vitest';
import { imageName, timestamp } from '../../shared/domain/image-name.ts';
import { fc } from '../support/property.ts';

const stamp = '2025-06-05_12_00';

describe('imageName', () => {
  it.each([
    [{ instanceName: 'my-app', reason: 'Deploy' }, 'my-app-Deploy-2025-06-05_12_00'],
    [{ instanceName: 'my-app', reason: 'Deploy', clash: 'a1b2c3' }, 'my-app-Deploy-2025-06-05_12_00-a1b2c3'],
    [{ instanceName: 'my-app', reason: 'Deploy', attempt: 2 }, 'my-app-Deploy-2025-06-05_12_00-r2'],
    [
      { instanceName: 'my-app', reason: 'Deploy', clash: 'a1b2c3', attempt: 3 },
      'my-app-Deploy-2025-06-05_12_00-a1b2c3-r3',
    ],
    [{ instanceName: "a(b)[c] d./-'@_", reason: 'Deploy' }, "a(b)[c] d./-'@_-Deploy-2025-06-05_12_00"],
    [{ instanceName: 'a*b?c:d"e', reason: 'x&y' }, 'a-b-c-d-e-x-y-2025-06-05_12_00'],
    [{ instanceName: 'café 🚀', reason: 'Deploy' }, 'caf- --Deploy-2025-06-05_12_00'],
  ])('%o is %s', (parts, name) => {
    expect(imageName({ stamp, ...parts })).toBe(name);
  });

  it('cuts the instance name, never stamp and suffixes', () => {
    const name = imageName({
      instanceName: 'x'.repeat(255),
      reason: 'Deploy',
      stamp,
      clash: 'a1b2c3',
      attempt: 12,
    });
    expect(name).toHaveLength(128);
    expect(name).toMatch(/^x+-Deploy-2025-06-05_12_00-a1b2c3-r12$/);
  });

  const parts = fc.record({
    instanceName: fc.string({ unit: 'binary', minLength: 1, maxLength: 255 }),
    reason: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 128 }),
    stamp: fc.constant(stamp),
    clash: fc.option(fc.stringMatching(/^[0-9a-f]{6}$/), { nil: undefined }),
    attempt: fc.option(fc.integer({ min: 2, max: 99_999 }), { nil: undefined }),
  });

  it('is always legal, at most 128 long and stable', () => {
    fc.assert(
      fc.property(parts, (some) => {
        const name = imageName(some);
        expect(name).toMatch(/^[A-Za-z0-9()[\] ./\-'@_]{3,128}$/);
        expect(imageName({ ...some })).toBe(name);
        expect(name).toContain(stamp);
      }),
    );
  });

  it('differs where the suffixes differ', () => {
    fc.assert(
      fc.property(parts, parts, (one, { clash, attempt }) => {
        const other = { ...one, clash, attempt };
        const same = one.clash === clash && one.attempt === attempt;
        expect(imageName(one) === imageName(other)).toBe(same);
      }),
    );
  });
});

describe('timestamp', () => {
  it.each([
    ['2025-06-05T12:00:59Z', 'UTC', '2025-06-05_12_00'],
    ['2025-06-05T15:00:00Z', 'Asia/Seoul', '2025-06-06_00_00'],
    ['2024-12-31T23:30:00Z', 'Europe/Berlin', '2025-01-01_00_30'],
    ['2025-03-30T01:30:00Z', 'Europe/Berlin', '2025-03-30_03_30'],
    ['2025-01-01T00:00:00Z', 'America/New_York', '2024-12-31_19_00'],
    ['2025-01-01T00:15:00Z', 'Asia/Kathmandu', '2025-01-01_06_00'],
  ])('%s in %s is %s', (at, zone, text) => {
    expect(timestamp(new Date(at), zone)).toBe(text);
  });

  it('has one shape, in every zone', () => {
    const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
    const dates = fc.date({ min: new Date('2000-01-01'), max: new Date('2199-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(dates, zones, (at, zone) => {
        expect(timestamp(at, zone)).toMatch(/^\d{4}-[01]\d-[0-3]\d_[0-2]\d_[0-5]\d$/);
      }),
    );
  });
});
