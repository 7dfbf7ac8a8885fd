import * as z from 'zod/mini';

/**
 * Reads the environment once, when a function starts, and names everything that is missing or wrong in one
 * error: a function that is set up badly must say so at its first start, not at its first odd event.
 */
export function environment<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const result = z.safeParse(z.object(shape), process.env);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The environment of this function is not complete: ${problems.join('; ')}`);
}

export const text = z.string().check(z.minLength(1));
export const whole = z.pipe(
  z.string().check(z.regex(/^\d+$/, 'must be a whole number')),
  z.transform(Number),
);
export const flag = z.pipe(
  z.enum(['true', 'false']),
  z.transform((value) => value === 'true'),
);
