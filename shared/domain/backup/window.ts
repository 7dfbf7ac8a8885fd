/** An instance with this tag, `true`, is imaged with a reboot when AWS Backup has backed it up. */
export const CONSISTENT_TAG = 'amity:consistent';

/** A part of each day, in minutes from midnight; it may go over midnight. */
export interface RebootWindow {
  readonly from: number;
  readonly to: number;
}

const TIME = '([01]\\d|2[0-3]):([0-5]\\d)';
const WINDOW = new RegExp(`^${TIME}-${TIME}$`);

/** `HH:MM-HH:MM`, as RDS writes its windows; nothing, where it is none. */
export function rebootWindow(text: string): RebootWindow | undefined {
  const [, ...numbers] = WINDOW.exec(text) ?? [];
  const [fromHours, fromMinutes, toHours, toMinutes] = numbers.map(Number);
  if (
    fromHours === undefined ||
    fromMinutes === undefined ||
    toHours === undefined ||
    toMinutes === undefined
  )
    return undefined;
  const window = { from: fromHours * 60 + fromMinutes, to: toHours * 60 + toMinutes };
  return window.from === window.to ? undefined : window;
}

/** The wall clock of a time zone at an instant. */
interface Wall {
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly minutes: number;
}

function wallOf(at: Date, timeZone: string): Wall {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? '';
  return {
    date: `${of('year')}-${of('month')}-${of('day')}`,
    minutes: Number(of('hour')) * 60 + Number(of('minute')),
  };
}

/** The day of a time zone: an instance is rebooted once a day at most. YYYY-MM-DD. */
export const dayOf = (at: Date, timeZone: string): string => wallOf(at, timeZone).date;

/**
 * When an instance may be rebooted: nothing, where it may be now; else the beginning of the next window, as the wall clock
 * of the time zone has it, `YYYY-MM-DDTHH:MM:00`. An hour that the clock skips, Scheduler has for itself to solve.
 */
export function deferredTo({ from, to }: RebootWindow, at: Date, timeZone: string): string | undefined {
  const { date, minutes } = wallOf(at, timeZone);
  const isInside = from < to ? minutes >= from && minutes < to : minutes >= from || minutes < to;
  if (isInside) return undefined;
  return `${minutes < from ? date : dayAfter(date)}T${twoDigits(from / 60)}:${twoDigits(from % 60)}:00`;
}

function dayAfter(date: string): string {
  const noon = Date.parse(`${date}T12:00:00Z`);
  return new Date(noon + 86_400_000).toISOString().slice(0, 10);
}

const twoDigits = (value: number) => String(Math.floor(value)).padStart(2, '0');
