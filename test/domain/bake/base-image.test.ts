import { describe, expect, it } from 'vitest';
import { type BaseImage, disksFor, type Fitting, unfit } from '../../../shared/domain/bake/base-image.ts';
import { fc } from '../../support/property.ts';

const OURS = '000000000000';
const THEIRS = '111122223333';

const image = (overrides: Partial<BaseImage> = {}): BaseImage => ({
  imageId: 'ami-0123456789abcdef0',
  state: 'available',
  ownerId: '137112412989',
  ownerAlias: 'amazon',
  architecture: 'x86_64',
  isWindows: false,
  rootDeviceType: 'ebs',
  rootDeviceName: '/dev/xvda',
  disks: [{ device: '/dev/xvda', sizeGib: 8 }],
  ...overrides,
});

const fitting = (overrides: Partial<Fitting> = {}): Fitting => ({
  accountId: OURS,
  owners: ['self', 'amazon'],
  instanceType: 't3.small',
  typeArchitectures: ['i386', 'x86_64'],
  ...overrides,
});

const ours = { ownerId: OURS, ownerAlias: undefined };
const theirs = { ownerId: THEIRS, ownerAlias: undefined };
const sold = { ownerId: '679593333241', ownerAlias: 'aws-marketplace' };

describe('unfit', () => {
  it.each<[string, Partial<BaseImage>, Partial<Fitting>]>([
    ['AWS’s own image', {}, {}],
    ['an image of this account', ours, {}],
    ['an image of this account, named by its id', ours, { owners: [OURS] }],
    ['an image of an account that is listed', theirs, { owners: ['self', THEIRS] }],
    ['AWS’s own image, by the id of the account that has it', {}, { owners: ['137112412989'] }],
    ['one of the marketplace, where that is listed', sold, { owners: ['aws-marketplace'] }],
    ['one for arm64 on a type that runs it', { architecture: 'arm64' }, { typeArchitectures: ['arm64'] }],
    ['a root volume that stays as large', {}, { volumeSizeGib: 8 }],
    ['a root volume that grows', {}, { volumeSizeGib: 9 }],
    ['a size, where the root is no disk that we know', { disks: [] }, { volumeSizeGib: 1 }],
    [
      'a second disk that is larger than what is asked for the root',
      { disks: [...image().disks, { device: '/dev/xvdb', sizeGib: 500 }] },
      { volumeSizeGib: 20 },
    ],
  ])('is not %s', (_, facts, wanted) => {
    expect(unfit(image(facts), fitting(wanted))).toBeUndefined();
  });

  it.each<[string, Partial<BaseImage>, Partial<Fitting>, string]>([
    ['a pending one', { state: 'pending' }, {}, 'is pending, not available.'],
    ['a failed one', { state: 'failed' }, {}, 'is failed, not available.'],
    ['a disabled one', { state: 'disabled' }, {}, 'is disabled, not available.'],
    ['one that is gone', { state: 'deregistered' }, {}, 'is deregistered, not available.'],
    ['another account’s', theirs, {}, `belongs to ${THEIRS}, which bake.baseImageOwners does not list.`],
    [
      'one of the marketplace',
      sold,
      {},
      'belongs to aws-marketplace, which bake.baseImageOwners does not list.',
    ],
    [
      'AWS’s own where only ours may be',
      {},
      { owners: ['self'] },
      'belongs to amazon, which bake.baseImageOwners does not list.',
    ],
    [
      'our own where only AWS’s may be',
      ours,
      { owners: ['amazon'] },
      `belongs to ${OURS}, which bake.baseImageOwners does not list.`,
    ],
    ['Windows', { isWindows: true }, {}, 'is a Windows image: the user data is run by cloud-init, on Linux.'],
    [
      'one of an instance store',
      { rootDeviceType: 'instance-store' },
      {},
      'has no EBS root volume: EC2 could not image its builder.',
    ],
    [
      'a root volume that would shrink',
      {},
      { volumeSizeGib: 7 },
      'has a root volume of 8 GiB; volume_size_gib is 7, and must be as large.',
    ],
  ])('is %s', (_, facts, wanted, why) => {
    expect(unfit(image(facts), fitting(wanted))).toEqual({
      code: 'base-image-refused',
      message: `ami-0123456789abcdef0 ${why}`,
    });
  });

  it.each<[string, readonly string[] | undefined, string]>([
    ['does not run it', ['i386', 'x86_64'], 'runs i386 and x86_64'],
    ['runs nothing that is known', [], 'is not known to EC2 in this region'],
    ['does not exist', undefined, 'is not known to EC2 in this region'],
  ])('is an image for arm64 whose instance type %s', (_, typeArchitectures, runs) => {
    expect(unfit(image({ architecture: 'arm64' }), fitting({ typeArchitectures }))).toEqual({
      code: 'architecture-mismatch',
      message: `ami-0123456789abcdef0 is for arm64; the instance type t3.small ${runs}.`,
    });
  });

  it('never lets in what no entry of the list stands for', () => {
    const account = fc.constantFrom<string>(OURS, THEIRS, '444455556666', '137112412989');
    const alias = fc.option(fc.constantFrom('amazon', 'aws-marketplace', 'aws-backup-vault'), {
      nil: undefined,
    });
    const owners = fc.uniqueArray(
      fc.constantFrom<string>('self', 'amazon', 'aws-marketplace', OURS, THEIRS, '444455556666'),
    );
    fc.assert(
      fc.property(account, alias, owners, (ownerId, ownerAlias, listed) => {
        const failure = unfit(image({ ownerId, ownerAlias }), fitting({ owners: listed }));
        const isListed =
          listed.includes(ownerId) ||
          listed.some((owner) => owner === ownerAlias) ||
          (listed.includes('self') && ownerId === OURS);
        expect(failure === undefined).toBe(isListed);
      }),
    );
  });
});

describe('disksFor', () => {
  const two = image({
    disks: [
      { device: '/dev/xvda', sizeGib: 8 },
      { device: '/dev/xvdb', sizeGib: 100 },
    ],
  });
  const kmsKeyId = 'arn:aws:kms:us-east-1:000000000000:key/1234';

  it.each([
    ['as the image has them', { encrypted: false }, [{ device: '/dev/xvda' }, { device: '/dev/xvdb' }]],
    [
      'the root alone larger',
      { encrypted: false, volumeSizeGib: 30 },
      [{ device: '/dev/xvda', sizeGib: 30 }, { device: '/dev/xvdb' }],
    ],
    [
      'all encrypted',
      { encrypted: true },
      [
        { device: '/dev/xvda', encrypted: true },
        { device: '/dev/xvdb', encrypted: true },
      ],
    ],
    [
      'all encrypted with one key',
      { encrypted: true, kmsKeyId },
      [
        { device: '/dev/xvda', encrypted: true, kmsKeyId },
        { device: '/dev/xvdb', encrypted: true, kmsKeyId },
      ],
    ],
    [
      'a key that encrypts nothing left out',
      { encrypted: false, kmsKeyId },
      [{ device: '/dev/xvda' }, { device: '/dev/xvdb' }],
    ],
  ])('%s', (_, spec, disks) => {
    expect(disksFor(two, spec)).toEqual(disks);
  });

  it('never asks EC2 for disks that are not encrypted: the base image’s or the account’s own rule stays', () => {
    for (const disk of disksFor(two, { encrypted: false })) expect(disk.encrypted).toBeUndefined();
  });

  it('of an image without disks are none', () => {
    expect(disksFor(image({ disks: [] }), { encrypted: true, volumeSizeGib: 10 })).toEqual([]);
  });
});
