import { expect, it } from 'vitest';
import { planRetention } from '../../../shared/domain/retention/plan.ts';
import { guardCases } from './cases/guards.ts';
import { expectedOf, outcomeOf } from './facts-of.ts';

it.each(guardCases)('$name', (row) => {
  expect(outcomeOf(row, planRetention)).toEqual(expectedOf(row));
});
