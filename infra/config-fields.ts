import * as z from 'zod';

/** A positive whole number: zero, negative ones, fractions and NaN are mistakes, not ways to switch off. */
export function whole(most?: number) {
  const rule = `must be a whole number ${most ? `from 1 to ${most}` : 'of at least 1'}`;
  const number = z
    .number(rule)
    .refine((value) => Number.isInteger(value) && value >= 1 && value <= (most ?? value), rule);
  return number.meta({ type: 'integer', minimum: 1, ...(most && { maximum: most }) });
}

export const flag = () => z.boolean('must be true or false');

export const text = (pattern: RegExp, rule: string) => z.string(rule).regex(pattern, rule);

/** Every key that a section has is known: a misspelt one would silently leave the default in force. */
export const section = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, 'must be an object');

export const listOf = <Item extends z.ZodType>(item: Item) => z.array(item, 'must be a list');

export const withoutDuplicates = (values: readonly unknown[]) => new Set(values).size === values.length;

/** Other accounts, by their ids. */
export const accounts = () =>
  listOf(text(/^\d{12}$/, 'must be an account id of 12 digits'))
    .refine(withoutDuplicates, 'must not name an account twice')
    .default([]);
