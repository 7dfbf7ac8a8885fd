import type { ImageFacts } from '../../../../shared/domain/retention/facts.ts';
import { image, type PlanCase } from '../facts-of.ts';

const DUE = 'older than 14 days';

/** An image that is old enough, and what stands against its deletion. */
const kept = (
  name: string,
  overrides: Partial<ImageFacts>,
  against: string,
  more: Partial<PlanCase> = {},
): PlanCase => ({
  name,
  images: [image('old', 20, overrides)],
  plan: [`old: no delete (${DUE}): ${against}`],
  ...more,
});

const tagged = (tags: Record<string, string>) => ({ tags });

const foreign: PlanCase[] = [
  kept('AWS Backup’s, by tag', tagged({ 'aws:backup:source-resource': 'i-1' }), 'owned by AWS Backup'),
  ...['AwsBackup_i-1', 'awsbackup_i-1', 'AWSBACKUP_i-1'].map((imageName) =>
    kept(`AWS Backup’s, by name: ${imageName}`, { imageName }, 'owned by AWS Backup'),
  ),
  ...['aws:dlm:lifecycle-policy-id', 'dlm:managed'].map((tag) =>
    kept(`Data Lifecycle Manager’s: ${tag}`, tagged({ [tag]: 'x' }), 'owned by Data Lifecycle Manager'),
  ),
  kept('Image Builder’s, by its ARN', tagged({ Ec2ImageBuilderArn: 'arn' }), 'owned by EC2 Image Builder'),
  kept('Image Builder’s', tagged({ CreatedBy: 'EC2 Image Builder' }), 'owned by EC2 Image Builder'),
  kept('of a service of next year', tagged({ 'aws:next:year': '1' }), 'owned by another AWS service'),
  kept('with an empty tag of ours', tagged({ 'amity:instance-name': '' }), 'not ours'),
  {
    name: 'without a tag of ours it is not even mentioned',
    images: [{ ...image('old', 20), tags: { Name: 'service-api' } }],
    plan: [],
  },
  {
    name: 'somebody else’s CreatedBy, and a name with AwsBackup_ elsewhere, are nobody’s marks',
    images: [image('old', 20, { imageName: 'my-AwsBackup_1', tags: { CreatedBy: 'terraform' } })],
    plan: [`old: delete (${DUE})`],
  },
];

const newest: PlanCase[] = [
  {
    name: 'the newest two of each name, however old',
    images: [
      ...[30, 40, 50].map((age) => image(`api-${age}`, age)),
      ...[20, 60, 70].map((age) =>
        image(`worker-${age}`, age, tagged({ 'amity:instance-name': 'service-worker' })),
      ),
    ],
    retention: { keepNewest: 2 },
    plan: [
      `worker-70: delete (${DUE})`,
      `worker-60: no delete (${DUE}): newest`,
      `api-50: delete (${DUE})`,
      `api-40: delete (${DUE})`,
      `api-30: no delete (${DUE}): newest`,
      `worker-20: no delete (${DUE}): newest`,
    ],
  },
  ...['failed', 'disabled'].map(
    (state): PlanCase => ({
      name: `only available images are among the newest: ${state}`,
      images: [image(state, 15, { state }), image('a', 20), image('b', 30)],
      retention: { keepNewest: 2 },
      plan: [
        `b: delete (${DUE})`,
        `a: no delete (${DUE}): newest`,
        `${state}: delete (${DUE}${state === 'failed' ? ', failed' : ''})`,
      ],
    }),
  ),
  {
    name: 'one that its waiter gave up is nobody’s newest',
    images: [image('late', 15, tagged({ 'amity:failed': 'deadline' })), image('a', 20), image('b', 30)],
    retention: { keepNewest: 2 },
    plan: [
      `b: delete (${DUE})`,
      `a: no delete (${DUE}): newest`,
      `late: delete (${DUE}, given up: deadline)`,
    ],
  },
  {
    name: 'one that was rolled back is nobody’s newest: neither in use nor what one would go back to',
    images: [image('bad', 15, tagged({ 'amity:rejected': 'incident-311' })), image('a', 20), image('b', 30)],
    retention: { keepNewest: 2 },
    plan: [`b: delete (${DUE})`, `a: no delete (${DUE}): newest`, `bad: delete (${DUE})`],
  },
  {
    name: 'backups and what was made to be run are counted by themselves',
    images: [
      image('night', 15, tagged({ Reason: 'Backup' })),
      image('moved', 16, tagged({ Reason: 'Move' })),
      image('a', 20),
      image('b', 30),
    ],
    retention: { keepNewest: 2 },
    plan: [
      `b: delete (${DUE})`,
      `a: no delete (${DUE}): newest`,
      `moved: no delete (${DUE}): newest`,
      `night: no delete (${DUE}): newest`,
    ],
  },
  ...[{ imageName: 'AwsBackup_i-1' }, tagged({ 'aws:backup:source-resource': 'i-1' })].map(
    (marks, index): PlanCase => ({
      name: `copies that AWS Backup makes take nobody’s place among the newest (${index})`,
      images: [image('copy', 2, marks), image('a', 20), image('b', 30)],
      retention: { keepNewest: 2 },
      plan: [`b: delete (${DUE})`, `a: no delete (${DUE}): newest`, 'copy: keep: young'],
    }),
  ),
  {
    name: 'an image without a readable date is nobody’s newest, nor is it old',
    images: [
      image('a', 20),
      ...['0', 'm', 'z'].map((id) => image(id, Number.NaN)),
      image('b', 30),
      image('c', 40),
    ],
    retention: { keepNewest: 2 },
    plan: [
      `c: delete (${DUE})`,
      `b: delete (${DUE})`,
      `a: no delete (${DUE}): newest`,
      '0: keep: young',
      'm: keep: young',
      'z: keep: young',
    ],
  },
  {
    name: 'the newest is one image, however often it is listed',
    images: [image('new', 1), image('new', 1), image('a', 20), image('b', 30)],
    retention: { keepNewest: 2 },
    plan: [`b: delete (${DUE})`, `a: no delete (${DUE}): newest`],
  },
  {
    name: 'of two of the same second it is the one with the greater id',
    images: ['a', 'b'].map((id) => image(id, 20)),
    retention: { keepNewest: 2 },
    plan: [`a: delete (${DUE})`, `b: no delete (${DUE}): newest`],
  },
];

const states: PlanCase[] = ['pending', 'transient', 'deregistered', 'a-state-of-next-year', ''].map(
  (state) => ({
    name: `may still change, or is not known: ${state}`,
    images: [image('old', 20, { state })],
    plan: [`old: no delete (${DUE}, ${state}): state ${state}`],
  }),
);

const byHand: PlanCase[] = [
  ...['true', '', 'no', 'False', ' false'].map((value) =>
    kept(`amity:keep is "${value}"`, tagged({ 'amity:keep': value }), 'tag amity:keep'),
  ),
  {
    name: 'amity:keep is "false"',
    images: [image('old', 20, tagged({ 'amity:keep': 'false' }))],
    plan: [`old: delete (${DUE})`],
  },
  kept('deregistration protection', { isProtected: true }, 'deregistration protection'),
  ...['0', '-7', '07', '7.5', '1e3', ' 7', '', 'soon', 'NaN', '100000'].map((value) =>
    kept(
      `amity:retention-days is "${value}"`,
      tagged({ 'amity:retention-days': value }),
      'tag amity:retention-days unreadable',
    ),
  ),
];

const uses: PlanCase[] = [
  kept('one user', {}, 'in use: instance/i-1', { users: { old: ['instance/i-1'] } }),
  kept('five', {}, 'in use: 1, 2, 3, 4, 5', { users: { old: ['1', '2', '3', '4', '5'] } }),
  kept('more', {}, 'in use: 1, 2, 3, 4, 5 and 2 more', {
    users: { old: ['1', '2', '3', '4', '5', '6', '7'] },
  }),
  kept('a source could not be read', {}, 'references unreadable: copies: Throttled', {
    unread: ['copies: Throttled'],
  }),
  kept('two could not', {}, 'references unreadable: copies; instances', { unread: ['copies', 'instances'] }),
  kept('nobody has asked of this image', {}, 'references unreadable', { users: { old: 'nobody asked' } }),
  kept('some users are known, others cannot be', {}, 'in use: instance/i-1, references unreadable: copies', {
    users: { old: ['instance/i-1'] },
    unread: ['copies'],
  }),
  {
    name: 'a template names a snapshot of it, which would go with it',
    images: [image('old', 20, { snapshotIds: ['snap-1', 'snap-2'] }), image('other', 20)],
    users: { 'snap-2': ['launch-template/lt-1:3'] },
    plan: [
      `old: no delete (${DUE}): snapshot snap-2 in use: launch-template/lt-1:3`,
      `other: delete (${DUE})`,
    ],
  },
];

const together: PlanCase[] = [
  kept(
    'every reason there is, in the order of a person’s questions',
    {
      state: 'available',
      isProtected: true,
      tags: { 'amity:keep': 'yes', 'amity:retention-days': 'soon' },
    },
    [
      'newest',
      'tag amity:keep',
      'deregistration protection',
      'tag amity:retention-days unreadable',
      'in use: instance/i-1',
      'references unreadable: copies',
    ].join(', '),
    { retention: { keepNewest: 2 }, users: { old: ['instance/i-1'] }, unread: ['copies'] },
  ),
  {
    name: 'every reason of one that is not ours and not ready',
    images: [
      image('old', 20, {
        state: 'pending',
        isProtected: true,
        tags: { 'aws:dlm:x': '1', 'amity:keep': '1' },
      }),
    ],
    users: { old: 'nobody asked' },
    plan: [
      `old: no delete (${DUE}, pending): owned by Data Lifecycle Manager, state pending, tag amity:keep, deregistration protection, references unreadable`,
    ],
  },
  {
    name: 'what is young is just young',
    images: [image('a', 14, { isProtected: true, tags: { 'amity:keep': 'yes' } })],
    unread: ['copies'],
    plan: ['a: keep: young'],
  },
  {
    name: 'nothing at all is done to what is kept: not even deprecated',
    images: [image('old', 20, { isProtected: true })],
    retention: { deprecateDays: 5 },
    plan: ['old: no deprecate (older than 5 days): deregistration protection'],
  },
];

/** Whatever stands against touching an image. */
export const guardCases: readonly PlanCase[] = [
  ...foreign,
  ...newest,
  ...states,
  ...byHand,
  ...uses,
  ...together,
];
