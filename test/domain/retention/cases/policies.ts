import type { NamedPolicy } from '../../../../shared/domain/retention/policy.ts';
import { image, type PlanCase } from '../facts-of.ts';

/** What becomes of an image of that name and age. The newest of a name stays, so that there is a newer one. */
const of = (
  name: string,
  instanceName: string,
  age: number,
  policies: readonly NamedPolicy[],
  outcome: string,
  more: PlanCase['retention'] = {},
): PlanCase => {
  const tags = { 'amity:instance-name': instanceName };
  return {
    name: `${name}: ${instanceName} at ${age} days: ${outcome}`,
    images: [image('old', age, { tags }), image('newer', 0, { tags })],
    retention: { policies, ...more },
    plan: [`old: ${outcome}`, 'newer: keep: young'],
  };
};

const DUE = 'delete (older than 14 days)';
const web = [{ names: ['web-*', 'site'], days: 30 }];

/** Policies by name. */
export const policyCases: readonly PlanCase[] = [
  of('no policy of its own', 'service-api', 20, [], DUE),
  of('named', 'site', 20, web, 'keep: young'),
  of('named', 'site', 31, web, 'delete (older than 30 days)'),
  of('named by *', 'web-1', 20, web, 'keep: young'),
  of('named by * for no text', 'web-', 20, web, 'keep: young'),
  of('not named', 'my-web-1', 20, web, DUE),
  of('not named by a part', 'site-2', 20, web, DUE),
  of('not named in another case', 'Site', 20, web, DUE),
  of('* is any text, of lines too', 'web-1\nand more', 20, web, 'keep: young'),
  of('everything by *', 'anything', 20, [{ names: ['*'], days: 30 }], 'keep: young'),
  of('* in the middle', 'a-x-z', 20, [{ names: ['a-*-z'], days: 30 }], 'keep: young'),
  of('* more than once', 'a1b2c', 20, [{ names: ['a*b*c'], days: 30 }], 'keep: young'),
  of('* is no end', 'a1c', 20, [{ names: ['a*b*c'], days: 30 }], DUE),
  of('. is a dot', 'aXb', 20, [{ names: ['a.b'], days: 30 }], DUE),
  of(
    'signs are themselves',
    'a(b)[c]+?^$|\\{1}',
    20,
    [{ names: ['a(b)[c]+?^$|\\{1}'], days: 30 }],
    'keep: young',
  ),
  of('the first counts', 'web-1', 20, [...web, { names: ['web-1'], days: 5 }], 'keep: young'),
  of('the first counts', 'web-1', 6, [{ names: ['web-1'], days: 5 }, ...web], 'delete (older than 5 days)'),
  of(
    'stages of its own',
    'site',
    6,
    [{ names: ['site'], deprecateDays: 5 }],
    'deprecate (older than 5 days)',
  ),
  of('disabling of its own', 'site', 6, [{ names: ['site'], disableDays: 5 }], 'disable (older than 5 days)'),
  of('what it does not say is as in the default', 'site', 6, web, 'deprecate (older than 5 days)', {
    deprecateDays: 5,
  }),
  of('so is what it leaves open', 'site', 20, [{ names: ['site'], days: undefined }], DUE),
  {
    name: 'another policy’s number of newest images',
    images: [20, 30, 40].map((age) => image(`old-${age}`, age)),
    retention: { policies: [{ names: ['service-*'], keepNewest: 3 }] },
    plan: [`old-40: ${DUE}`, ...[30, 20].map((age) => `old-${age}: no ${DUE}: newest`)],
  },
  {
    name: 'the image’s own days come before its policy’s',
    images: [image('old', 20, { tags: { 'amity:retention-days': '19' } })],
    retention: { policies: [{ names: ['*'], days: 30 }] },
    plan: ['old: delete (older than 19 days)'],
  },
];
