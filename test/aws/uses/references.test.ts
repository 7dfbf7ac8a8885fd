import { DescribeImageReferencesCommand } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it } from 'vitest';
import { referencesTo } from '../../../shared/aws/uses/references.ts';
import { describeVersion, type TemplateVersion } from '../../../shared/domain/retention/template-uses.ts';
import { CleanUpWorld } from '../../support/clean-up-world.ts';

let world: CleanUpWorld;
beforeEach(() => {
  world = new CleanUpWorld();
  world.home.add({ id: 'ami-1' });
  world.home.add({ id: 'ami-2' });
});

const asked = (followed: ReadonlyMap<string, readonly TemplateVersion[]> = new Map()) => ({
  region: 'us-east-1',
  launchTemplateVersions: 7,
  followed,
});
const refer = (id: string, ...what: string[]) =>
  world.home.uses.references.set(
    id,
    what.map((each) => `arn:aws:ec2:us-east-1:000000000000:${each}`),
  );

it('names who uses each image, and no one of an image that nobody uses', async () => {
  refer('ami-1', 'instance/i-1', 'launch-template/lt-1');
  expect(await referencesTo(['ami-1', 'ami-2'], asked())).toEqual(
    new Map([
      ['ami-1', ['instance/i-1', 'launch-template/lt-1']],
      ['ami-2', []],
    ]),
  );
});

it.each([
  ['arn:aws:ssm:us-east-1:000000000000:parameter/golden/image', 'parameter/golden/image'],
  ['arn:aws:imagebuilder:us-east-1:000000000000:image-recipe/web/1.0.0', 'image-recipe/web/1.0.0'],
  ['arn:aws:x:us-east-1:000000000000:kind:with:colons', 'kind:with:colons'],
  ['not an ARN', 'not an ARN'],
])('%s is told as %s', async (arn, told) => {
  world.home.uses.references.set('ami-1', [arn]);
  expect((await referencesTo(['ami-1'], asked())).get('ami-1')).toEqual([told]);
});

it('asks for every kind, as deep as the configuration says, for no terminated instance', async () => {
  await referencesTo(['ami-1'], asked());
  const [input] = world.inputs(DescribeImageReferencesCommand);
  expect(input).toMatchObject({ ImageIds: ['ami-1'], IncludeAllResourceTypes: true });
  expect(input?.ResourceTypes).toContainEqual({
    ResourceType: 'ec2:LaunchTemplate',
    ResourceTypeOptions: [{ OptionName: 'version-depth', OptionValues: ['7'] }],
  });
  expect(JSON.stringify(input)).not.toContain('terminated');
});

it('paginates', async () => {
  refer('ami-1', 'instance/i-1', 'instance/i-2');
  refer('ami-2', 'instance/i-3');
  world.home.pageSize = 1;
  expect([...(await referencesTo(['ami-1', 'ami-2'], asked())).values()].flat()).toHaveLength(3);
  expect(world.calls.count('DescribeImageReferences')).toBe(3);
});

describe('a template that follows a name', () => {
  const version = (image: string, description: string): TemplateVersion => ({
    templateId: 'lt-1',
    templateName: 'web',
    version: 1,
    isDefault: false,
    image,
    snapshotIds: [],
    description,
  });
  const made = version('ami-1', describeVersion('ami-1', 'request', 1));

  it.each<[string, TemplateVersion[], boolean]>([
    ['Amity made it, and it is not in force', [made], false],
    ['a person made it', [version('ami-1', 'by hand')], true],
    ['a person made it too', [made, version('ami-1', 'by hand')], true],
    ['it is older than those that are known', [version('ami-2', '')], true],
  ])('has a version with the image: %s', async (_, versions, isUse) => {
    refer('ami-1', 'launch-template/lt-1');
    const references = await referencesTo(['ami-1'], asked(new Map([['lt-1', versions]])));
    expect(references.get('ami-1')).toEqual(isUse ? ['launch-template/lt-1'] : []);
  });

  it('says nothing of another template', async () => {
    refer('ami-1', 'launch-template/lt-2');
    const references = await referencesTo(['ami-1'], asked(new Map([['lt-1', [made]]])));
    expect(references.get('ami-1')).toEqual(['launch-template/lt-2']);
  });
});
