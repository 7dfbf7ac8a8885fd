/** Smallest and largest number, and the words that stand for numbers. */
interface Field {
  readonly least: number;
  readonly most: number;
  readonly words?: readonly string[];
  /** What else this field takes: `L`, `15W`, `6#3`. */
  readonly special?: RegExp;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const DAY_OF_MONTH = 2;
const DAY_OF_WEEK = 4;
const FIELDS: readonly Field[] = [
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31, special: /^(\?|L|LW|([1-9]|[12]\d|3[01])W)$/ },
  { least: 1, most: 12, words: MONTHS },
  { least: 1, most: 7, words: DAYS, special: /^(\?|L|[1-7]L|[1-7]#[1-5])$/ },
  { least: 1970, most: 2199 },
];

/**
 * A schedule that comes again: `cron(…)` or `rate(…)`.
 * Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export function isSchedule(expression: string): boolean {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (rate) return Number(rate[1]) > 0;
  const fields = /^cron\((.*)\)$/.exec(expression)?.[1]?.split(' ') ?? [];
  // One of the two days says nothing: `*` in both is refused.
  const oneDay = fields[DAY_OF_MONTH] === '?' || fields[DAY_OF_WEEK] === '?';
  return (
    fields.length === FIELDS.length &&
    oneDay &&
    FIELDS.every((field, index) => fits(field, fields[index] ?? ''))
  );
}

const A_DAY: Record<string, number> = { minute: 1440, hour: 24, day: 1 };

/** Whether it comes at least once a day, every day, as far as can be seen at a glance. */
export function runsDaily(expression: string): boolean {
  const [, value, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (unit) return Number(value) <= (A_DAY[unit] ?? 0);
  const [, , dayOfMonth, month, dayOfWeek, year] = /^cron\((.*)\)$/.exec(expression)?.[1]?.split(' ') ?? [];
  return [dayOfMonth, month, dayOfWeek, year].every((field) => field === '*' || field === '?');
}

const fits = (field: Field, text: string): boolean => text.split(',').every((part) => fitsPart(field, part));

function fitsPart(field: Field, part: string): boolean {
  if (field.special?.test(part)) return true;
  const [range = '', step, ...more] = part.split('/');
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) return false;
  if (range === '*') return true;
  const ends = range.split('-');
  return ends.length <= 2 && ends.every((end) => isValue(field, end));
}

function isValue({ least, most, words }: Field, text: string): boolean {
  if (words?.includes(text.toUpperCase())) return true;
  return /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most;
}

/** A name of the IANA database; Intl takes offsets such as +09:00 too, which Scheduler does not. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
