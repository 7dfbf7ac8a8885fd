import { expect, it } from 'vitest';
import { planRetention } from '../../../shared/domain/retention/plan.ts';
import { orphanCases } from './cases/orphans.ts';
import { expectedOf, outcomeOf } from './facts-of.ts';

it.each(orphanCases)('$name', (row) => {
  expect(outcomeOf(row, planRetention)).toEqual(expectedOf(row));
});
