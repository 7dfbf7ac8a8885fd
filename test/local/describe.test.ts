import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  DisableImageCommand,
  type Filter,
  paginateDescribeImages,
  paginateDescribeInstances,
} from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { createImage, errorOf, untilState, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws();

async function imageNames(input: ConstructorParameters<typeof DescribeImagesCommand>[0]): Promise<string[]> {
  const { Images = [] } = await suite.ec2.send(new DescribeImagesCommand({ Owners: ['self'], ...input }));
  return Images.map((each) => String(each.Name)).sort();
}

describe('DescribeImages', () => {
  it.each<[string, Filter[], string[]]>([
    ['a name', [{ Name: 'name', Values: ['api-1'] }], ['api-1']],
    ['a wildcard', [{ Name: 'name', Values: ['api-*'] }], ['api-1', 'api-22']],
    ['one character', [{ Name: 'name', Values: ['api-?'] }], ['api-1']],
    ['an escaped wildcard', [{ Name: 'name', Values: ['api-\\*'] }], []],
    ['a tag', [{ Name: 'tag:team', Values: ['a', 'b'] }], ['api-1', 'web-1']],
    ['a tag with a star in its value', [{ Name: 'tag:odd', Values: ['x\\*y'] }], ['web-1']],
    ['a tag key', [{ Name: 'tag-key', Values: ['odd'] }], ['api-22', 'web-1']],
    ['a state', [{ Name: 'state', Values: ['failed', 'error'] }], ['api-22']],
    [
      'two filters',
      [
        { Name: 'name', Values: ['api-*'] },
        { Name: 'tag-key', Values: ['odd'] },
      ],
      ['api-22'],
    ],
    ['no value that fits', [{ Name: 'name', Values: ['API-1'] }], []],
  ])('finds by %s', async (_, Filters, expected) => {
    const { control } = suite.aws;
    await control.addImage({ name: 'api-1', tags: { team: 'a' } });
    await control.addImage({ name: 'api-22', tags: { odd: 'xzy' }, state: 'failed' });
    await control.addImage({ name: 'web-1', tags: { team: 'b', odd: 'x*y' } });
    expect(await imageNames({ Filters })).toEqual(expected);
  });

  it('refuses a filter that EC2 does not have, and over 200 values', async () => {
    const unknown = await errorOf(imageNames({ Filters: [{ Name: 'colour', Values: ['red'] }] }));
    expect(unknown.name).toBe('InvalidParameterValue');
    const Values = Array.from({ length: 201 }, (__, i) => `n${i}`);
    expect((await errorOf(imageNames({ Filters: [{ Name: 'name', Values }] }))).name).toBe(
      'FilterLimitExceeded',
    );
  });

  it('paginates, also when EC2 gives fewer a page than asked for', async () => {
    for (let i = 0; i < 7; i += 1) await suite.aws.control.addImage({ name: `image-${i}` });
    await suite.aws.control.setPageSize(3);
    const sizes: number[] = [];
    const pages = paginateDescribeImages({ client: suite.ec2, pageSize: 5 }, { Owners: ['self'] });
    for await (const page of pages) sizes.push(page.Images?.length ?? 0);
    expect(sizes).toEqual([3, 3, 1]);
    expect((await errorOf(imageNames({ NextToken: 'nonsense' }))).name).toBe('InvalidNextToken');
  });

  it('shows a disabled image only when asked to', async () => {
    const id = await createImage(suite, { Name: 'gone' });
    await untilState(suite, id, 'available');
    await suite.ec2.send(new DisableImageCommand({ ImageId: id }));
    expect(await imageNames({})).toEqual([]);
    expect(await imageNames({ IncludeDisabled: true })).toEqual(['gone']);
  });

  it("shows others' images only when they are public, and never as our own", async () => {
    await suite.aws.control.addImage({ name: 'theirs', ownerId: '111111111111', public: true });
    await suite.aws.control.addImage({ name: 'hidden', ownerId: '111111111111' });
    expect(await imageNames({})).toEqual([]);
    const { Images = [] } = await suite.ec2.send(new DescribeImagesCommand({}));
    const theirs = Images.filter(({ OwnerId }) => OwnerId === '111111111111');
    expect(theirs.map((each) => each.Name)).toEqual(['theirs']);
    expect(Images.every((each) => each.Public)).toBe(true);
  });

  it.each([
    ['ami-0123456789abcdef0', 'InvalidAMIID.NotFound'],
    ['ami-x', 'InvalidAMIID.Malformed'],
  ])('refuses %s', async (ImageId, code) => {
    expect((await errorOf(imageNames({ ImageIds: [ImageId] }))).name).toBe(code);
  });

  it('gives what a back-dated image has', async () => {
    const { imageId } = await suite.aws.control.addImage({ name: 'old', ageDays: 20, snapshots: 2 });
    const { Images = [] } = await suite.ec2.send(new DescribeImagesCommand({ ImageIds: [imageId] }));
    const age = (Date.now() - Date.parse(String(Images[0]?.CreationDate))) / 86_400_000;
    expect(age).toBeGreaterThan(19.9);
    expect(age).toBeLessThan(20.1);
    expect(Images[0]?.BlockDeviceMappings).toHaveLength(2);
  });
});

describe('DescribeInstances', () => {
  it('finds by the Name tag with wildcards, by state, and paginates', async () => {
    const { control } = suite.aws;
    for (let i = 0; i < 6; i += 1) await control.startInstance({ name: 'api' });
    await control.startInstance({ name: 'api', state: 'stopped', launchTime: '2024-01-02T03:04:05Z' });
    await control.startInstance({ name: 'a*i' });
    const find = async (...values: string[]) => {
      const Filters = [{ Name: 'tag:Name', Values: values }];
      const { Reservations = [] } = await suite.ec2.send(new DescribeInstancesCommand({ Filters }));
      return Reservations.flatMap((each) => each.Instances ?? []);
    };
    expect(await find('a*i')).toHaveLength(8);
    expect(await find('a\\*i')).toHaveLength(1);
    const stopped = (await find('api')).filter((each) => each.State?.Name === 'stopped');
    expect(stopped[0]?.LaunchTime?.toISOString()).toBe('2024-01-02T03:04:05.000Z');
    const running = [{ Name: 'instance-state-name', Values: ['running'] }];
    let seen = 0;
    const pages = paginateDescribeInstances({ client: suite.ec2, pageSize: 5 }, { Filters: running });
    for await (const page of pages)
      seen += page.Reservations?.flatMap((each) => each.Instances ?? []).length ?? 0;
    expect(seen).toBe(7);
  });

  it('refuses unknown ids, too small a page, and ids with a page', async () => {
    const send = (input: DescribeInstancesCommandInput) =>
      errorOf(suite.ec2.send(new DescribeInstancesCommand(input)));
    expect((await send({ InstanceIds: ['i-0123456789abcdef0'] })).name).toBe('InvalidInstanceID.NotFound');
    expect((await send({ MaxResults: 4 })).name).toBe('InvalidParameterValue');
    const both = await send({ InstanceIds: ['i-0123456789abcdef0'], MaxResults: 5 });
    expect(both.name).toBe('InvalidParameterCombination');
  });
});
