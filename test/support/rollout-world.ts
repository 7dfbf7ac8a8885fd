import * as ec2 from '@aws-sdk/client-ec2';
import {
  GetInstanceProfileCommand,
  type GetInstanceProfileCommandInput,
  IAMClient,
  NoSuchEntityException,
} from '@aws-sdk/client-iam';
import { type AwsCommand, mockClient } from 'aws-sdk-client-mock';
import { tagsOf } from '../../shared/aws/ec2.ts';
import { type Rollout, templateEntry } from '../../shared/domain/rollout/entry.ts';
import type { Envelope } from '../../shared/events/event.ts';
import { ec2Error } from './aws-errors.ts';
import { example } from './events.ts';
import { type ImageFacts, image } from './fake-ec2.ts';
import { FakeGroups } from './fake-groups.ts';
import { FakeParameters } from './fake-parameters.ts';
import { FakeStates } from './fake-states.ts';
import { FakeTemplates, type TemplateFacts } from './fake-templates.ts';
import { World } from './world.ts';

export const TEMPLATE = 'lt-00000001';
export const POINTER = '/amity/images/service-api/latest';

/** An image that is named after its number; the higher, the newer. */
export const ami = (number: number) => `ami-${String(number).padStart(17, '0')}`;

/** What changes nothing that others see: looks, and what Amity itself writes down and says. */
const HARMLESS = /^(Describe|Get)|^(Put|Update|PutEvents|Hide)$/;

/** Everything that rollouts touch, in memory, behind one gate through which every call passes. */
export class RolloutWorld extends World {
  readonly groups = new FakeGroups(this.calls);
  readonly states = new FakeStates(this.calls);
  readonly parameters = new FakeParameters(this.calls, (id) =>
    this.ec2.images.some(({ ImageId, State }) => ImageId === id && State === 'available'),
  );
  readonly templates = new FakeTemplates(this.calls, this.ec2, this.parameters.value);
  /** The roles of instance profiles, by name. */
  readonly profiles = new Map([['web-profile', ['web']]]);

  constructor() {
    super();
    this.ec2.mock
      .on(ec2.CreateTagsCommand)
      .callsFake((input: ec2.CreateTagsCommandInput) =>
        this.calls.through('CreateTags', () => this.#tag(input)),
      );
    mockClient(IAMClient)
      .on(GetInstanceProfileCommand)
      .callsFake(({ InstanceProfileName = '' }: GetInstanceProfileCommandInput) =>
        this.calls.through('GetInstanceProfile', () => ({
          InstanceProfile: { Roles: this.#rolesOf(InstanceProfileName) },
        })),
      );
  }

  /** Images of ours, made on that day of May. */
  has(...numbers: number[]): void {
    for (const number of numbers) this.addImage(number);
  }

  addImage(number: number, { tags, ...facts }: ImageFacts & { ownerId?: string } = {}): ec2.Image {
    const createdAt = `2025-05-${String(number).padStart(2, '0')}T12:00:00.000Z`;
    const ours = { 'amity:instance-name': 'service-api', 'amity:request-id': `request-${number}` };
    const added = image({ id: ami(number), createdAt, ...facts, tags: tags ?? ours });
    this.ec2.images.push({ ...added, ...(facts.ownerId && { OwnerId: facts.ownerId }) });
    return added;
  }

  /** A template that follows service-api, with the first image. */
  follower({ tags, data, ...facts }: TemplateFacts = {}): string {
    return this.templates.add({
      tags: { 'amity:follow': 'service-api', ...tags },
      data: { ImageId: ami(1), ...data },
      ...facts,
    });
  }

  /** What Amity did last: the second image, told and followed. */
  knows(overrides: Partial<Rollout> = {}): Rollout {
    const rollout: Rollout = {
      kind: 'out',
      launchTemplateId: TEMPLATE,
      version: 2,
      imageId: ami(2),
      previousVersion: 1,
      previousImageId: ami(1),
      instanceName: 'service-api',
      requestId: 'request-2',
      at: new Date().toISOString(),
      announced: true,
      ...overrides,
    };
    const id = templateEntry(rollout.launchTemplateId);
    this.table.items.set(`rollouts/${id}`, { id, rollout });
    return rollout;
  }

  imageTags(number: number): Readonly<Record<string, string>> {
    return tagsOf(this.ec2.images.find(({ ImageId }) => ImageId === ami(number))?.Tags);
  }

  /** An image is gone. */
  deregister(number: number): void {
    this.ec2.images.splice(
      this.ec2.images.findIndex(({ ImageId }) => ImageId === ami(number)),
      1,
    );
  }

  /** The calls that changed something, by their names. */
  get changes(): string[] {
    return this.calls.names.filter((name) => !HARMLESS.test(name));
  }

  /** What is written down of a template. */
  entry(templateId = TEMPLATE): Record<string, unknown> | undefined {
    return this.table.item('rollouts', `template#${templateId}`);
  }

  get executions(): unknown[] {
    return [...this.states.executions.values()];
  }

  /** The inputs of one kind of EC2's calls, in order. */
  inputs<Input extends ec2.ServiceInputTypes, Output extends ec2.ServiceOutputTypes>(
    command: new (input: Input) => AwsCommand<Input, Output>,
  ): Input[] {
    return this.ec2.mock
      .calls()
      .flatMap(({ args: [sent] }) => (sent instanceof command ? [sent.input as Input] : []));
  }

  #tag({ Resources = [], Tags = [] }: ec2.CreateTagsCommandInput) {
    for (const id of Resources) {
      const found =
        this.ec2.images.find(({ ImageId }) => ImageId === id) ??
        this.ec2.instances.find(({ InstanceId }) => InstanceId === id);
      if (!found)
        throw ec2Error(id.startsWith('i-') ? 'InvalidInstanceID.NotFound' : 'InvalidAMIID.NotFound');
      found.Tags = [...(found.Tags ?? []).filter(({ Key }) => !Tags.some((tag) => tag.Key === Key)), ...Tags];
    }
    return {};
  }

  #rolesOf(profile: string) {
    const roles = this.profiles.get(profile);
    if (!roles) throw new NoSuchEntityException({ message: profile, $metadata: { httpStatusCode: 404 } });
    return roles.map((path) => ({
      RoleName: path.split('/').at(-1),
      Arn: `arn:aws:iam::000000000000:role/${path}`,
    }));
  }
}

/** The event of the example, for that instance name. */
export const available = (instanceName = 'service-api'): Envelope => {
  const { detail, ...envelope } = example('ami-available');
  return { ...envelope, detail: { ...(detail as object), instanceName } };
};

/** An `AmiRollbackRequested` of this moment. */
export const rollback = (detail: object = {}, overrides: Partial<Envelope> = {}): Envelope =>
  example('ami-rollback-requested', {
    time: new Date().toISOString(),
    detail: { instanceName: 'service-api', requestId: 'incident', ...detail },
    ...overrides,
  });
