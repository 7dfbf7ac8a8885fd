import { expect, it } from 'vitest';
import { planRetention } from '../../../shared/domain/retention/plan.ts';
import { policyCases } from './cases/policies.ts';
import { expectedOf, outcomeOf } from './facts-of.ts';

it.each(policyCases)('$name', (row) => {
  expect(outcomeOf(row, planRetention)).toEqual(expectedOf(row));
});
