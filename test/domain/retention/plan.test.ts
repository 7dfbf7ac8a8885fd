import { expect, it } from 'vitest';
import { planRetention } from '../../../shared/domain/retention/plan.ts';
import { brakeCases } from './cases/brakes.ts';
import { expectedOf, outcomeOf } from './facts-of.ts';

it.each(brakeCases)('$name', (row) => {
  expect(outcomeOf(row, planRetention)).toEqual(expectedOf(row));
});
