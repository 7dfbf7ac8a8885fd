/** One rule taken out of a file: a snippet that is there exactly once, and what stands in its place. */
export interface Mutant {
  /** From `shared/domain`. */
  readonly file: string;
  readonly snippet: string;
  readonly replacement: string;
}

const within =
  (file: string) =>
  (snippet: string, replacement = ''): Mutant => ({ file, snippet, replacement });

/** Lists of which every element is a rule: each is taken out by itself, those that come later too. */
export const LISTS = [
  { file: 'retention/guards.ts', from: '=> string | undefined)[] = [\n', to: '\n];', fewest: 10 },
  { file: 'retention/orphans.ts', from: 'const against = [\n', to: '\n  ].filter(', fewest: 6 },
  { file: 'ownership.ts', from: ') => boolean])[] = [\n', to: '\n];', fewest: 4 },
] as const;

const ownership = within('ownership.ts');
const guards = within('retention/guards.ts');
const orphans = within('retention/orphans.ts');
const plan = within('retention/plan.ts');
const planned = within('retention/planned.ts');
const policy = within('retention/policy.ts');
const stages = within('retention/stages.ts');

export const MUTANTS: readonly Mutant[] = [
  ownership(`(BACKUP_NAME.test(imageName) ? 'AWS Backup' : undefined)`, 'undefined'),
  ownership('/^AwsBackup_/i', '/^AwsBackup_/'),
  ownership('/^AwsBackup_/i', '/AwsBackup_/i'),
  ownership(` || key.startsWith('dlm:')`),
  ownership(`key === 'Ec2ImageBuilderArn' || `),
  ownership(` || (key === 'CreatedBy' && tags[key] === 'EC2 Image Builder')`),
  ownership(` && tags[key] === 'EC2 Image Builder'`),
  ownership('tags[INSTANCE_NAME_TAG] || undefined', 'tags[INSTANCE_NAME_TAG]'),

  ...['available', 'failed', 'error', 'invalid', 'disabled'].map((state) =>
    guards('SETTLED.has(state) ?', `SETTLED.has(state) && state !== '${state}' ?`),
  ),
  guards('SETTLED.has(state) ?', `SETTLED.has(state) || state === 'pending' ?`),
  guards(`(tags[KEEP_TAG] ?? 'false') === 'false'`, `tags[KEEP_TAG] !== 'true'`),
  guards(`(tags[KEEP_TAG] ?? 'false') === 'false'`, '!tags[KEEP_TAG]'),
  guards(`(tags[KEEP_TAG] ?? 'false') === 'false'`, '!(KEEP_TAG in tags)'),
  guards('if (unread.length > 0) return', 'if (false) return'),
  guards(`users.has(id) ? undefined : 'references unreadable'`, 'undefined'),
  guards('users.slice(0, 5)', 'users'),
  guards(`image.state === 'available' &&`),
  guards('!Number.isNaN(image.createdAt.getTime()) &&'),
  guards('!image.tags[FAILED_TAG] &&'),
  guards('!image.tags[REJECTED_TAG] &&'),
  guards('&&\n        isOurs(image)'),
  guards('foreignOwner(tags, imageName) === undefined', 'true'),
  guards('    .sort(oldestFirst);', ';'),
  guards(`({ tags }) => instanceNameOf(tags) ?? '')]`, `() => '')]`),
  guards('available.filter(({ tags }) => isBackup(tags)),', ''),
  guards('available.filter(({ tags }) => !isBackup(tags))', 'available'),
  guards('of.slice(-keepNewest(name))', 'of.slice(0, keepNewest(name))'),
  guards('of.slice(-keepNewest(name))', 'of.slice(-1)'),
  guards('of.slice(-keepNewest(name))', '[]'),
  guards('(a.imageId < b.imageId ? -1 : 1)', '0'),
  guards('(time(a) === time(b) ? 0 : time(a) - time(b))', 'a.getTime() - b.getTime()'),
  guards('(time(a) === time(b) ? 0 : time(a) - time(b))', '0'),

  plan('.filter(({ tags }) => INSTANCE_NAME_TAG in tags)'),
  plan('unique(facts.images).filter', '[...facts.images].filter'),
  plan('newestOfEachName(unique(facts.images),', 'newestOfEachName(facts.images,'),
  plan('images.sort(oldestFirst)', 'images'),
  plan('...planSnapshots(facts, retention, now),'),
  plan('tooMany(decided,', 'tooMany(capped(decided, retention.maxDeletionsPerRun),'),
  plan('images.filter(isOurs).length', 'images.length'),
  plan('if (stopped) return', 'if (false) return'),
  plan('policyFor(retention, name).keepNewest', 'retention.keepNewest'),
  plan('policyFor(retention, instanceName)', 'retention'),
  plan('[...new Set(image.snapshotIds)]', 'image.snapshotIds'),
  plan('(bytes.get(id) ?? 0)', '0'),
  plan('stage && against.length === 0 ?', 'stage ?'),
  plan('images < FEWEST_FOR_SHARE ||'),
  plan('images < FEWEST_FOR_SHARE', 'images <= FEWEST_FOR_SHARE'),
  plan('<= stopAboveShare', '< stopAboveShare'),
  plan('doomed / images <= stopAboveShare', 'true'),
  plan('OUT_OF_SERVICE.has(action)', '/^delete/.test(action)'),
  plan(`['disable', 'delete']`, `['delete']`),
  plan(`['disable', 'delete']`, `['disable']`),
  plan(`['disable', 'delete']`, `['deprecate', 'disable', 'delete']`),
  plan('entries: capped(decided, retention.maxDeletionsPerRun)', 'entries: decided'),
  planned('left < 0', 'left <= 0'),
  planned('if (!deletes(entry)) return entry;'),
  planned(` || action === 'delete-snapshot'`),
  planned(`entry.action === 'keep' ? entry :`, 'false ? entry :'),

  stages('age > days', 'age >= days'),
  stages('if (!since) return {', 'if (!since) continue;\n    if (false) return {'),
  stages('next && !(inStage + RUN_TO_RUN >= next.days - days)', 'false'),
  stages('!(inStage + RUN_TO_RUN >= next.days - days)', 'inStage + RUN_TO_RUN < next.days - days'),
  stages('inStage + RUN_TO_RUN >= next.days - days', 'inStage + RUN_TO_RUN > next.days - days'),
  stages('Math.max(image.createdAt.getTime(), restoredAt(image.tags) ?? 0)', 'image.createdAt.getTime()'),
  stages('restoredAt(image.tags) ?? 0', 'restoredAt(image.tags) || 0'),
  stages(
    'Math.max(image.createdAt.getTime(), restoredAt(image.tags) ?? 0)',
    '(restoredAt(image.tags) ?? image.createdAt.getTime())',
  ),
  stages(`state === 'available' || state === 'disabled'\n`, 'true\n'),
  stages(`state === 'available' || state === 'disabled'\n`, `state === 'available'\n`),
  stages(`{ stage: 'deprecate', days: policy.deprecateDays },`),
  stages(`{ stage: 'disable', days: policy.disableDays },`),
  stages(
    `{ stage: 'deprecate', days: policy.deprecateDays },
          { stage: 'disable', days: policy.disableDays },`,
    `{ stage: 'disable', days: policy.disableDays },
          { stage: 'deprecate', days: policy.deprecateDays },`,
  ),
  stages(`[...before, { stage: 'delete', days }]`, `[{ stage: 'delete', days }, ...before]`),
  stages('&& each.days < days'),
  stages('each.days < days', 'each.days <= days'),
  stages('daysOf(tags, policy)', 'policy.days'),
  policy(`typeof own === 'number' ? own : policy.days`, 'policy.days'),
  stages(`if (stage === 'deprecate') return deprecatedAt;`),
  stages(` && state === 'disabled'`),
  stages('Number.isNaN(since.getTime()) ? undefined : since', 'since'),

  policy('.find((', '.findLast(('),
  ...['days', 'keepNewest', 'deprecateDays', 'disableDays'].map((key) =>
    policy(`${key}: named?.${key} ??`, `${key}:`),
  ),
  ...['days', 'deprecateDays'].map((key) => policy(`named?.${key} ?? retention.${key}`, `named?.${key}`)),
  policy('named?.keepNewest ?? retention.keepNewest', '(named ? 5 : retention.keepNewest)'),
  policy('/^[1-9]\\d{0,4}$/', '/^[1-9]\\d*$/'),
  policy('/^[1-9]\\d{0,4}$/', '/^\\d{0,5}$/'),
  policy('/^[1-9]\\d{0,4}$/', '/[1-9]\\d{0,4}$/'),
  policy('/^[1-9]\\d{0,4}$/', '/^[1-9]\\d{0,4}/'),
  policy('new RegExp(`^', 'new RegExp(`'),
  policy('}$`', '}`'),
  policy(`.replace(/[\\\\^$.|?+()[\\]{}]/g, '\\\\$&')`, `.replace(/[\\\\^$|?+()[\\]{}]/g, '\\\\$&')`),
  policy(`.replaceAll('*', '.*')`, `.replace('*', '.*')`),
  policy(`, 'su')`, `, 'u')`),

  orphans('held.has(each.snapshotId) || '),
  orphans('!each.madeFor || '),
  orphans(' || there.has(each.madeFor)'),
  orphans('[[each.snapshotId, each]]', '[[Symbol(), each]]'),
  orphans('byAge(a.startedAt, b.startedAt) || '),
  orphans('(a.snapshotId < b.snapshotId ? -1 : 1)', '0'),
  orphans('if (!(age > days)) return undefined;'),
  orphans('!(age > days)', 'age <= days'),
  orphans('!(age > days)', '!(age >= days)'),
  orphans('daysOf(tags, policyFor(retention, instanceName))', 'policyFor(retention, instanceName).days'),
  orphans('policyFor(retention, instanceName)', 'retention'),
  orphans(`against.length === 0 ? 'delete-snapshot' : 'keep'`, `'delete-snapshot'`),
];
