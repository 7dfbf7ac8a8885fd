const BEFORE = '/amity/images/';
const AFTER = '/latest';
/** SSM takes 15 levels; three are ours. */
const MOST_LEVELS = 12;

/**
 * The SSM parameter that holds the id of a name's newest image: characters that SSM refuses become `-`, and so does a
 * slash that would make an empty level, or one too many.
 * Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
 */
export function pointerOf(instanceName: string): string {
  const legal = instanceName.replace(/[^A-Za-z0-9_.\-/]/gu, '-').replace(/^\/|\/$|\/(?=\/)/g, '-');
  const levels = legal.split('/');
  const shown = [...levels.slice(0, MOST_LEVELS - 1), levels.slice(MOST_LEVELS - 1).join('-')];
  return `${BEFORE}${shown.filter(Boolean).join('/')}${AFTER}`;
}
