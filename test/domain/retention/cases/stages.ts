import type { ImageFacts } from '../../../../shared/domain/retention/facts.ts';
import type { Retention } from '../../../../shared/domain/retention/policy.ts';
import { daysAgo, image, type PlanCase } from '../facts-of.ts';

const ALL = { deprecateDays: 5, disableDays: 10, days: 14 };

/** What becomes of one image of that age. */
const at = (
  age: number,
  overrides: Partial<ImageFacts>,
  retention: Partial<Retention>,
  outcome: string,
  name = '',
): PlanCase => ({
  name: `${name} at ${age} days: ${outcome}`,
  images: [image('old', age, overrides)],
  retention,
  plan: [`old: ${outcome}`],
});

const disabled = (days: number, overrides: Partial<ImageFacts> = {}): Partial<ImageFacts> => ({
  state: 'disabled',
  deprecatedAt: daysAgo(days + 5),
  ...overrides,
  tags: { 'amity:disabled-at': daysAgo(days).toISOString(), ...overrides.tags },
});
const deprecated = (days: number): Partial<ImageFacts> => ({ deprecatedAt: daysAgo(days) });

const byAge: PlanCase[] = [
  at(13.999, {}, {}, 'keep: young'),
  at(14, {}, {}, 'keep: young'),
  at(14.001, {}, {}, 'delete (older than 14 days)'),
  at(400, {}, {}, 'delete (older than 14 days)'),
  at(-3, {}, {}, 'keep: young', 'of the future'),
  at(Number.NaN, {}, {}, 'keep: young', 'without a readable date'),
  at(Number.NaN, {}, ALL, 'keep: young', 'without a readable date, in stages'),
  at(5, {}, ALL, 'keep: young'),
  at(5.001, {}, ALL, 'deprecate (older than 5 days)'),
];

const oneAfterTheOther: PlanCase[] = [
  at(400, {}, ALL, 'deprecate (older than 5 days)', 'however old, never deprecated'),
  at(10, deprecated(4.9), ALL, 'keep: deprecated', 'deprecated, next one not reached'),
  at(400, deprecated(0), ALL, 'keep: deprecated for 0 of 5 days'),
  at(400, deprecated(4.874), ALL, 'keep: deprecated for 4 of 5 days'),
  at(400, deprecated(4.875), ALL, 'disable (older than 10 days)', 'three hours early, as the clocks change'),
  at(400, deprecated(5), ALL, 'disable (older than 10 days)'),
  at(13, disabled(2), ALL, 'keep: disabled', 'disabled, next one not reached'),
  at(400, disabled(0), ALL, 'keep: disabled for 0 of 4 days'),
  at(400, disabled(3.874), ALL, 'keep: disabled for 3 of 4 days'),
  at(400, disabled(4), ALL, 'delete (older than 14 days)'),
];

const someStages: PlanCase[] = [
  at(400, {}, { deprecateDays: 5 }, 'deprecate (older than 5 days)', 'deprecation alone'),
  at(400, deprecated(8.8), { deprecateDays: 5 }, 'keep: deprecated for 8 of 9 days', 'deprecation alone'),
  at(400, deprecated(9), { deprecateDays: 5 }, 'delete (older than 14 days)', 'deprecation alone'),
  at(400, {}, { disableDays: 10 }, 'disable (older than 10 days)', 'disabling alone'),
  at(400, disabled(3), { disableDays: 10 }, 'keep: disabled for 3 of 4 days', 'disabling alone'),
  at(400, disabled(4), { disableDays: 10 }, 'delete (older than 14 days)', 'disabling alone'),
  at(400, deprecated(0), {}, 'delete (older than 14 days)', 'deprecated, but no stage is on'),
  at(400, disabled(0), {}, 'delete (older than 14 days)', 'disabled, but no stage is on'),
  at(20, {}, { deprecateDays: 14 }, 'delete (older than 14 days)', 'a stage that is not before deletion'),
  at(20, {}, { disableDays: 15 }, 'delete (older than 14 days)', 'a stage that is after deletion'),
];

const byOthers: PlanCase[] = [
  at(
    400,
    { state: 'disabled', deprecatedAt: daysAgo(90) },
    ALL,
    'disable (older than 10 days)',
    'disabled by somebody else, nobody knows when: its time begins now',
  ),
  at(
    400,
    disabled(4, { tags: { 'amity:disabled-at': 'yesterday' } }),
    ALL,
    'disable (older than 10 days)',
    'disabled, at a time that cannot be read',
  ),
  at(
    400,
    disabled(-9, { deprecatedAt: daysAgo(90) }),
    ALL,
    'keep: disabled for -9 of 4 days',
    'disabled in the future',
  ),
  at(
    400,
    disabled(90, { state: 'available' }),
    ALL,
    'disable (older than 10 days)',
    'enabled again by somebody else',
  ),
  at(
    400,
    disabled(90, { deprecatedAt: undefined }),
    ALL,
    'deprecate (older than 5 days)',
    'no longer deprecated',
  ),
  at(400, deprecated(Number.NaN), ALL, 'keep: deprecated for NaN of 5 days', 'deprecated, nobody knows when'),
  at(400, deprecated(-100), ALL, 'keep: deprecated for -100 of 5 days', 'to be deprecated later'),
];

const restored = (value: string): Partial<ImageFacts> => ({ tags: { 'amity:restored-at': value } });
const restorations: PlanCase[] = [
  at(400, restored(daysAgo(0).toISOString()), {}, 'keep: young', 'just restored'),
  at(400, restored(daysAgo(14).toISOString()), {}, 'keep: young', 'restored 14 days ago'),
  at(400, restored(daysAgo(14.1).toISOString()), {}, 'delete (older than 14 days)', 'restored longer ago'),
  at(400, restored(daysAgo(6).toISOString()), ALL, 'deprecate (older than 5 days)', 'restored, in stages'),
  at(3, restored(daysAgo(400).toISOString()), {}, 'keep: young', 'restored before it was made'),
  at(400, restored('recently'), {}, 'keep: young', 'restored at a time that cannot be read'),
  at(400, restored(daysAgo(-1).toISOString()), {}, 'keep: young', 'restored in the future'),
];

const neverAnImage: PlanCase[] = [
  ...['failed', 'error', 'invalid'].flatMap((state) => [
    at(14, { state }, ALL, 'keep: young', state),
    at(15, { state }, ALL, `delete (older than 14 days, ${state})`, 'no stage before deletion:'),
  ]),
  ...['available', 'failed'].map((state) =>
    at(
      15,
      { state, tags: { 'amity:failed': 'deadline' } },
      {},
      'delete (older than 14 days, given up: deadline)',
      `given up by its waiter, ${state}`,
    ),
  ),
  at(20, { state: 'disabled' }, {}, 'delete (older than 14 days)', 'disabled is no failure'),
];

const ownDays = (value: string) => ({ tags: { 'amity:retention-days': value } });
const ofItsOwn: PlanCase[] = [
  at(20, ownDays('30'), {}, 'keep: young', 'asks for 30'),
  at(31, ownDays('30'), {}, 'delete (older than 30 days)', 'asks for 30'),
  at(8, ownDays('7'), {}, 'delete (older than 7 days)', 'asks for 7'),
  at(99_999, ownDays('99999'), {}, 'keep: young', 'asks for 99999'),
  at(4, ownDays('3'), ALL, 'delete (older than 3 days)', 'asks to be deleted before any stage'),
  at(400, ownDays('7'), ALL, 'deprecate (older than 5 days)', 'asks to be deleted between stages'),
  at(
    400,
    { ...ownDays('7'), ...deprecated(1) },
    ALL,
    'keep: deprecated for 1 of 2 days',
    'asks to be deleted between stages',
  ),
  at(
    400,
    { ...ownDays('7'), ...deprecated(2) },
    ALL,
    'delete (older than 7 days)',
    'asks to be deleted between stages',
  ),
];

/** What age asks for. */
export const stageCases: readonly PlanCase[] = [
  ...byAge,
  ...oneAfterTheOther,
  ...someStages,
  ...byOthers,
  ...restorations,
  ...neverAnImage,
  ...ofItsOwn,
];
