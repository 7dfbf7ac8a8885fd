const MAX_LENGTH = 128;
const MAX_REASON = 60;

/** EC2: letters, digits, ( ) [ ] space . / - ' @ _ and nothing else.
 *  Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html */
const REFUSED = /[^A-Za-z0-9()[\] ./\-'@_]/gu;

export interface ImageNameParts {
  readonly instanceName: string;
  readonly reason: string;
  /** From `timestamp`. */
  readonly stamp: string;
  /** What makes the name this request's, when another request holds the plain one. */
  readonly clash?: string | undefined;
  /** The attempt, when an earlier attempt's failed image holds the name. */
  readonly attempt?: number | undefined;
}

/**
 * `{instance name}-{reason}-YYYY-MM-DD_HH_MM`, with a suffix where two images would share it. The name is
 * the only thing that EC2 keeps unique about an image, so it is what makes CreateImage safe to repeat: it
 * depends on the request alone, never on the clock of the function. What does not fit is cut from the
 * front parts; stamp and suffixes stay whole.
 */
export function imageName({ instanceName, reason, stamp, clash, attempt }: ImageNameParts): string {
  const tail = `-${stamp}${clash ? `-${clash}` : ''}${attempt ? `-r${attempt}` : ''}`;
  const shownReason = legal(reason).slice(0, MAX_REASON);
  const room = MAX_LENGTH - tail.length - shownReason.length - 1;
  return `${legal(instanceName).slice(0, room)}-${shownReason}${tail}`;
}

const legal = (text: string) => text.replace(REFUSED, '-');

/** `YYYY-MM-DD_HH_MM` of an instant in an IANA time zone. */
export function timestamp(at: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value;
  return `${of('year')}-${of('month')}-${of('day')}_${of('hour')}_${of('minute')}`;
}
