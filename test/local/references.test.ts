import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DescribeImageReferencesCommand,
  paginateDescribeImageReferences,
  type ResourceTypeRequest,
} from '@aws-sdk/client-ec2';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it, vi } from 'vitest';
import { errorOf, useEmbeddedAws } from './support.ts';

const suite = useEmbeddedAws({ pendingSeconds: 0 });
const everything = { IncludeAllResourceTypes: true };
const arnOf = (rest: string, service = 'ec2') => `arn:aws:${service}:us-east-1:000000000000:${rest}`;

function only(
  ResourceType: ResourceTypeRequest['ResourceType'],
  OptionName?: 'state-name' | 'version-depth',
  ...OptionValues: string[]
) {
  const options = OptionName && { ResourceTypeOptions: [{ OptionName, OptionValues }] };
  return { ResourceTypes: [{ ResourceType, ...options }] };
}

async function references(ImageIds: string[], input: object): Promise<string[]> {
  const { ImageReferences = [] } = await suite.ec2.send(
    new DescribeImageReferencesCommand({ ImageIds, ...input }),
  );
  return ImageReferences.map((each) => `${each.ImageId} ${each.ResourceType} ${each.Arn}`);
}

async function addImage(name: string): Promise<string> {
  return (await suite.aws.control.addImage({ name })).imageId;
}

describe('DescribeImageReferences', () => {
  it('finds instances in every state, unless told which', async () => {
    const imageId = await addImage('used');
    const { instanceId } = await suite.aws.control.startInstance({ imageId, state: 'terminated' });
    const found = [`${imageId} ec2:Instance ${arnOf(`instance/${instanceId}`)}`];
    expect(await references([imageId], everything)).toEqual(found);
    expect(await references([imageId], only('ec2:Instance', 'state-name', 'terminated'))).toEqual(found);
    const others = ['pending', 'running', 'shutting-down', 'stopping', 'stopped'];
    expect(await references([imageId], only('ec2:Instance', 'state-name', ...others))).toEqual([]);
    expect(await references([imageId], only('ssm:Parameter'))).toEqual([]);
  });

  it("takes a type's own options with all types", async () => {
    const imageId = await addImage('used');
    await suite.aws.control.startInstance({ imageId, state: 'terminated' });
    const running = only('ec2:Instance', 'state-name', 'running');
    expect(await references([imageId], { ...everything, ...running })).toEqual([]);
  });

  it('looks at the newest versions of launch templates, ten unless told', async () => {
    const [old, current] = [await addImage('old'), await addImage('current')];
    const LaunchTemplateName = 'web';
    const first = { LaunchTemplateName, LaunchTemplateData: { ImageId: old } };
    const { LaunchTemplate } = await suite.ec2.send(new CreateLaunchTemplateCommand(first));
    const next = { LaunchTemplateName, LaunchTemplateData: { ImageId: current } };
    for (let i = 0; i < 9; i += 1) await suite.ec2.send(new CreateLaunchTemplateVersionCommand(next));
    const found = `${old} ec2:LaunchTemplate ${arnOf(`launch-template/${LaunchTemplate?.LaunchTemplateId}`)}`;
    expect(await references([old], everything)).toEqual([found]);
    await suite.ec2.send(new CreateLaunchTemplateVersionCommand(next));
    expect(await references([old], everything)).toEqual([]);
    expect(await references([old], only('ec2:LaunchTemplate', 'version-depth', '11'))).toEqual([found]);
    expect(await references([current], only('ec2:LaunchTemplate', 'version-depth', '1'))).toHaveLength(1);
  });

  it('finds SSM parameters by their value, of either data type', async () => {
    const imageId = await addImage('used');
    const ssm = new SSMClient(suite.aws.clientConfig);
    const put = (Name: string, more: object) =>
      ssm.send(new PutParameterCommand({ Name, Value: imageId, Type: 'String', ...more }));
    await put('/golden/web', {});
    await put('golden', { DataType: 'aws:ec2:image' });
    await put('/list', { Type: 'StringList', Value: `${imageId},x` });
    await put('/secret', { Type: 'SecureString' });
    const arns = ['parameter/golden/web', 'parameter/golden'].map((rest) => arnOf(rest, 'ssm'));
    const wanted = arns.map((arn) => `${imageId} ssm:Parameter ${arn}`);
    // The image of `golden` is looked at before it is taken.
    await vi.waitFor(async () => expect(await references([imageId], everything)).toEqual(wanted));
  });

  it("finds Image Builder's recipes", async () => {
    const imageId = await addImage('used');
    const { arn } = await suite.aws.control.retention.addRecipe({ imageId, name: 'web' });
    const container = await suite.aws.control.retention.addRecipe({ imageId, kind: 'container' });
    expect(arn).toBe(arnOf('image-recipe/web/1.0.0', 'imagebuilder'));
    expect(await references([imageId], only('imagebuilder:ImageRecipe'))).toEqual([
      `${imageId} imagebuilder:ImageRecipe ${arn}`,
    ]);
    expect(await references([imageId], only('imagebuilder:ContainerRecipe'))).toEqual([
      `${imageId} imagebuilder:ContainerRecipe ${container.arn}`,
    ]);
  });

  it('gives pages', async () => {
    const ImageIds = [await addImage('one'), await addImage('two')];
    for (let i = 0; i < 8; i += 1)
      await suite.aws.control.startInstance({ imageId: String(ImageIds[Number(i > 1)]) });
    const sizes: number[] = [];
    const input = { ImageIds, ...only('ec2:Instance') };
    for await (const page of paginateDescribeImageReferences({ client: suite.ec2, pageSize: 5 }, input))
      sizes.push(page.ImageReferences?.length ?? 0);
    expect(sizes).toEqual([5, 3]);
  });

  it.each([
    ['eleven images', Array(11), everything, 'InvalidParameterValue'],
    ['no types', Array(1), {}, 'MissingParameter'],
    ['too small a page', Array(1), { ...everything, MaxResults: 4 }, 'InvalidParameterValue'],
    ['a state that is none', Array(1), only('ec2:Instance', 'state-name', 'gone'), 'InvalidParameterValue'],
    ['no depth', Array(1), only('ec2:LaunchTemplate', 'version-depth', '0'), 'InvalidParameterValue'],
    ["another type's option", Array(1), only('ssm:Parameter', 'state-name'), 'InvalidParameterValue'],
  ])('refuses %s', async (_, ids, input, code) => {
    const imageId = await addImage('used');
    expect((await errorOf(references(ids.fill(imageId), input))).name).toBe(code);
  });

  it('refuses an image that is not there, and with it the others', async () => {
    const ids = [await addImage('used'), 'ami-0123456789abcdef0'];
    expect((await errorOf(references(ids, everything))).name).toBe('InvalidAMIID.NotFound');
  });
});
