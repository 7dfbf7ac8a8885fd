import { describe, expect, it } from 'vitest';
import { dayOf, deferredTo, type RebootWindow, rebootWindow } from '../../../shared/domain/backup/window.ts';
import { DAY, MINUTE } from '../../support/clock.ts';
import { fc } from '../../support/property.ts';

const window = (text: string): RebootWindow => {
  const read = rebootWindow(text);
  if (!read) throw new Error(`${text} is no window`);
  return read;
};

describe('rebootWindow', () => {
  it.each([
    ['02:00-04:30', { from: 120, to: 270 }],
    ['00:00-23:59', { from: 0, to: 1439 }],
    ['23:00-01:00', { from: 1380, to: 60 }],
    ['23:59-00:00', { from: 1439, to: 0 }],
  ])('%s', (text, read) => {
    expect(rebootWindow(text)).toEqual(read);
  });

  it.each([
    '',
    '02:00',
    '02:00-',
    '2:00-4:00',
    '02:00-24:00',
    '02:60-04:00',
    '25:00-26:00',
    '02:00 - 04:00',
    '02:00-04:00 ',
    '02:00-04:00-06:00',
    '0200-0400',
    'mon:02:00-mon:04:00',
    // Never, or always? Nobody can say.
    '02:00-02:00',
  ])('"%s" is none', (text) => {
    expect(rebootWindow(text)).toBeUndefined();
  });

  it('is read as it is written', () => {
    const minutes = fc.integer({ min: 0, max: 1439 });
    fc.assert(
      fc.property(minutes, minutes, (from, to) => {
        fc.pre(from !== to);
        expect(rebootWindow(`${clock(from)}-${clock(to)}`)).toEqual({ from, to });
      }),
    );
  });
});

const clock = (minutes: number) =>
  [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');

describe('deferredTo', () => {
  it.each<[string, string, string, string | undefined]>([
    ['before it', '02:00-04:00', '01:59', '2025-06-05T02:00:00'],
    ['its first minute', '02:00-04:00', '02:00', undefined],
    ['in it', '02:00-04:00', '03:10', undefined],
    ['its last minute', '02:00-04:00', '03:59', undefined],
    ['when it is over', '02:00-04:00', '04:00', '2025-06-06T02:00:00'],
    ['late in the day', '02:00-04:00', '23:59', '2025-06-06T02:00:00'],
    ['midnight before it', '02:00-04:00', '00:00', '2025-06-05T02:00:00'],
    ['over midnight: before it', '22:30-01:15', '12:00', '2025-06-05T22:30:00'],
    ['over midnight: its first minute', '22:30-01:15', '22:30', undefined],
    ['over midnight: in it, before midnight', '22:30-01:15', '23:59', undefined],
    ['over midnight: in it, after midnight', '22:30-01:15', '00:00', undefined],
    ['over midnight: its last minute', '22:30-01:15', '01:14', undefined],
    ['over midnight: when it is over', '22:30-01:15', '01:15', '2025-06-05T22:30:00'],
    ['until midnight: before it', '22:00-00:00', '21:59', '2025-06-05T22:00:00'],
    ['until midnight: its last minute', '22:00-00:00', '23:59', undefined],
    ['until midnight: when it is over', '22:00-00:00', '00:00', '2025-06-05T22:00:00'],
    ['from midnight: in it', '00:00-06:00', '00:00', undefined],
    ['from midnight: when it is over', '00:00-06:00', '06:00', '2025-06-06T00:00:00'],
  ])('%s', (_, text, time, at) => {
    expect(deferredTo(window(text), new Date(`2025-06-05T${time}:00Z`), 'UTC')).toBe(at);
    expect(deferredTo(window(text), new Date(`2025-06-05T${time}:59Z`), 'UTC')).toBe(at);
  });

  it.each([
    ['the last of a month', '2025-06-30T05:00Z', 'UTC', '2025-07-01T02:00:00'],
    ['the last of a year', '2025-12-31T05:00Z', 'UTC', '2026-01-01T02:00:00'],
    ['the last of a short February', '2025-02-28T05:00Z', 'UTC', '2025-03-01T02:00:00'],
    ['the last but one of a long one', '2028-02-28T05:00Z', 'UTC', '2028-02-29T02:00:00'],
    ['Seoul is a day ahead', '2025-06-05T20:00Z', 'Asia/Seoul', '2025-06-07T02:00:00'],
    ['Seoul, just before', '2025-06-05T16:59Z', 'Asia/Seoul', '2025-06-06T02:00:00'],
    ['Seoul, just then', '2025-06-05T17:00Z', 'Asia/Seoul', undefined],
    ['Honolulu is a day behind', '2025-06-06T05:00Z', 'Pacific/Honolulu', '2025-06-06T02:00:00'],
    ['half an hour counts', '2025-06-05T20:29Z', 'Asia/Kolkata', '2025-06-06T02:00:00'],
    ['half an hour counts', '2025-06-05T20:30Z', 'Asia/Kolkata', undefined],
    // Europe/Berlin: on 2025-03-30 there is no 02:00, on 2025-10-26 there are two.
    ['summer time', '2025-06-05T00:00Z', 'Europe/Berlin', undefined],
    ['winter time', '2025-01-05T00:00Z', 'Europe/Berlin', '2025-01-05T02:00:00'],
    ['the night without 02:00: before', '2025-03-30T00:59Z', 'Europe/Berlin', '2025-03-30T02:00:00'],
    ['the night without 02:00: 03:00 comes next', '2025-03-30T01:00Z', 'Europe/Berlin', undefined],
    ['the night without 02:00: after', '2025-03-30T02:00Z', 'Europe/Berlin', '2025-03-31T02:00:00'],
    ['the day before it, the evening', '2025-03-29T22:30Z', 'Europe/Berlin', '2025-03-30T02:00:00'],
    ['the night with two: the first 02:30', '2025-10-26T00:30Z', 'Europe/Berlin', undefined],
    ['the night with two: the second', '2025-10-26T01:30Z', 'Europe/Berlin', undefined],
    ['the night with two: after', '2025-10-26T03:00Z', 'Europe/Berlin', '2025-10-27T02:00:00'],
    // The clock goes from 24:00 to 01:00.
    ['a day without midnight', '2025-09-07T04:00Z', 'America/Santiago', '2025-09-07T02:00:00'],
  ])('02:00-04:00, %s: %s in %s', (_, at, timeZone, expected) => {
    expect(deferredTo(window('02:00-04:00'), new Date(at), timeZone)).toBe(expected);
  });

  const windows = fc
    .uniqueArray(fc.integer({ min: 0, max: 1439 }), { minLength: 2, maxLength: 2 })
    .map(([from = 0, to = 0]) => ({ from, to }));
  const instants = fc.date({ min: new Date('2020-01-01'), max: new Date('2035-01-01'), noInvalidDate: true });
  const zones = ['UTC', 'Asia/Seoul', 'Asia/Kathmandu', 'Europe/Berlin', 'America/St_Johns'];
  const elsewhere = [...zones, 'Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Australia/Lord_Howe'];

  /** The wall clock as if it were UTC's; Swedish writes it so. */
  const wall = (at: Date, timeZone: string) =>
    Date.parse(`${at.toLocaleString('sv', { timeZone }).replace(' ', 'T')}Z`);
  const minutesOf = (ms: number) => Math.floor((ms % DAY) / MINUTE);
  /** Minute by minute, around the clock. */
  const isInside = ({ from, to }: RebootWindow, minutes: number) => {
    for (let minute = from; minute !== to; minute = (minute + 1) % 1440) if (minute === minutes) return true;
    return false;
  };

  it('defers only what comes outside, to the very next beginning, less than a day on', () => {
    fc.assert(
      fc.property(windows, instants, fc.constantFrom(...elsewhere), (some, at, timeZone) => {
        const now = wall(at, timeZone);
        const deferred = deferredTo(some, at, timeZone);
        expect(deferred === undefined).toBe(isInside(some, minutesOf(now)));
        if (!deferred) return;
        expect(deferred).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:00$/);
        const then = Date.parse(`${deferred}Z`);
        expect(minutesOf(then)).toBe(some.from);
        expect(then).toBeGreaterThan(now);
        expect(then - now).toBeLessThan(DAY);
      }),
    );
  });

  it('defers no further what it has deferred', () => {
    fc.assert(
      fc.property(windows, instants, (some, at) => {
        const deferred = deferredTo(some, at, 'UTC');
        if (deferred) expect(deferredTo(some, new Date(`${deferred}Z`), 'UTC')).toBeUndefined();
      }),
    );
  });
});

describe('dayOf', () => {
  it.each([
    ['2025-06-05T14:59:59Z', 'Asia/Seoul', '2025-06-05'],
    ['2025-06-05T15:00:00Z', 'Asia/Seoul', '2025-06-06'],
    ['2025-06-05T09:59:59Z', 'Pacific/Honolulu', '2025-06-04'],
    ['2025-12-31T23:59:59Z', 'UTC', '2025-12-31'],
    ['2026-01-01T00:00:00Z', 'UTC', '2026-01-01'],
  ])('%s in %s is %s', (at, timeZone, day) => {
    expect(dayOf(new Date(at), timeZone)).toBe(day);
  });
});
