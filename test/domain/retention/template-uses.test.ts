import { describe, expect, it } from 'vitest';
import {
  chosenBy,
  describeVersion,
  isUse,
  rollbackVersion,
  type TemplateChoice,
  type TemplateVersion,
} from '../../../shared/domain/retention/template-uses.ts';
import { fc } from '../../support/property.ts';

const version = (number: number, overrides: Partial<TemplateVersion> = {}): TemplateVersion => ({
  templateId: 'lt-1',
  templateName: 'api',
  version: number,
  isDefault: false,
  image: `ami-${number}`,
  snapshotIds: [],
  description: '',
  ...overrides,
});
const other = { templateId: 'lt-2', templateName: 'worker' };

describe('chosenBy', () => {
  const known = [
    version(1),
    version(2, { isDefault: true }),
    version(3),
    version(10),
    version(20, other),
    version(21, { ...other, isDefault: true }),
  ];
  const chosen = (choice: Partial<TemplateChoice>, among = known) =>
    chosenBy({ version: '$Default', user: 'group/g', ...choice }, among).map(({ image }) => image);

  it.each<[Partial<TemplateChoice>, string[]]>([
    [{ templateId: 'lt-1', version: '3' }, ['ami-3']],
    [{ templateId: 'lt-1', version: '$Default' }, ['ami-2']],
    [{ templateId: 'lt-1', version: '$Latest' }, ['ami-10']],
    [{ templateName: 'api', version: '1' }, ['ami-1']],
    [{ templateName: 'worker', version: '$Latest' }, ['ami-21']],
    [{ templateId: 'lt-2', templateName: 'api', version: '$Default' }, ['ami-21']],
    [{ templateId: 'lt-1', version: '4' }, []],
    [{ templateId: 'lt-1', version: '1.0' }, []],
    [{ templateId: 'lt-3', version: '$Latest' }, []],
    [{ templateName: 'nobody', version: '$Default' }, []],
    [{ version: '$Latest' }, []],
  ])('%o chooses %o', (choice, images) => {
    expect(chosen(choice)).toEqual(images);
  });

  it('one that was read twice is chosen twice, which is harmless', () => {
    expect(chosen({ templateId: 'lt-1', version: '3' }, [...known, version(3)])).toEqual(['ami-3', 'ami-3']);
  });
});

describe('rollbackVersion', () => {
  it.each([
    ['', undefined],
    ['made by hand', undefined],
    ['from version 3', undefined],
    ['amity: ami-1', undefined],
    ['amity: ami-1, request r-1, from version 3', 3],
    ['amity: ami-1, request from version 9, from version 12', 12],
    ['amity: ami-1, request r\n2, from version 3', 3],
    ['amity: ami-1, request r-1, from version 3 or so', undefined],
    ['my amity: ami-1, request r-1, from version 3', undefined],
  ])('of "%s": %s', (description, back) => {
    expect(rollbackVersion(version(5, { description }))).toBe(back);
  });

  it('reads what describeVersion writes, whatever the request is called', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1 }), (requestId, previous) => {
        const description = describeVersion('ami-0123', requestId, previous);
        expect(rollbackVersion(version(5, { description }))).toBe(previous);
        expect(isUse('ami-5', [version(5, { description })])).toBe(false);
      }),
    );
  });
});

describe('isUse', () => {
  const ours = describeVersion('ami-1', 'r-1', 1);
  it.each<[string, TemplateVersion[], boolean]>([
    ['a version that somebody made', [version(1), version(2)], true],
    ['a version that Amity made', [version(1, { description: ours }), version(2)], false],
    [
      'one that Amity made and one that somebody made',
      [version(1, { description: ours }), version(2, { image: 'ami-1' })],
      true,
    ],
    ['no version among those that are known', [version(2, { description: ours })], true],
    ['nothing known', [], true],
  ])('%s: %s', (_, newest, use) => {
    expect(isUse('ami-1', newest)).toBe(use);
  });
});
