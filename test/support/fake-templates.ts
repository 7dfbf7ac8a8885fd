import * as ec2 from '@aws-sdk/client-ec2';
import type { AwsCommand } from 'aws-sdk-client-mock';
import { ec2Error } from './aws-errors.ts';
import type { Calls } from './calls.ts';
import { type FakeEc2, tagMatches } from './fake-ec2.ts';

export interface TemplateFacts {
  readonly id?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Of its one version. */
  readonly data?: ec2.ResponseLaunchTemplateData;
}

interface Template {
  readonly tags: ec2.Tag[];
  readonly versions: ec2.LaunchTemplateVersion[];
  standard: number;
}

/** EC2's launch templates in memory, with its rules for their versions. */
export class FakeTemplates {
  pageSize = 200;
  readonly #all = new Map<string, Template>();
  readonly #tokens = new Map<string, { input: string; version: ec2.LaunchTemplateVersion }>();
  readonly #parameter: (name: string) => string | undefined;

  constructor(calls: Calls, { mock }: FakeEc2, parameter: (name: string) => string | undefined) {
    this.#parameter = parameter;
    const on = <Input extends ec2.ServiceInputTypes, Output extends ec2.ServiceOutputTypes>(
      command: new (input: Input) => AwsCommand<Input, Output>,
      act: (input: Input) => object,
    ) =>
      mock
        .on(command)
        .callsFake((input: Input) => calls.through(command.name.replace(/Command$/, ''), () => act(input)));
    on(ec2.DescribeLaunchTemplatesCommand, (input) => this.#describe(input));
    on(ec2.DescribeLaunchTemplateVersionsCommand, (input) => this.#describeVersions(input));
    on(ec2.CreateLaunchTemplateVersionCommand, (input) => this.#create(input));
    on(ec2.ModifyLaunchTemplateCommand, ({ LaunchTemplateId = '', DefaultVersion = '' }) => {
      const template = this.#template(LaunchTemplateId);
      template.standard = this.#version(template, DefaultVersion).VersionNumber ?? 0;
      return {};
    });
  }

  /** A template with one version. */
  add({ id = 'lt-00000001', tags = {}, data = {} }: TemplateFacts = {}): string {
    this.#all.set(id, {
      tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      versions: [],
      standard: 1,
    });
    this.grow(id, data);
    return id;
  }

  /** Somebody makes a version, and nothing else. */
  grow(id: string, data: ec2.ResponseLaunchTemplateData, description?: string): number {
    const { versions } = this.#template(id);
    const VersionNumber = versions.length + 1;
    versions.push({
      LaunchTemplateId: id,
      VersionNumber,
      // EC2's dates have seconds.
      CreateTime: new Date(Math.floor(Date.now() / 1000) * 1000),
      VersionDescription: description,
      LaunchTemplateData: structuredClone(data),
    });
    return VersionNumber;
  }

  /** Somebody sets the default. */
  reset(id: string, version: number): void {
    this.#template(id).standard = version;
  }

  retag(id: string, tags: Readonly<Record<string, string>>): void {
    const known = this.#template(id).tags;
    known.splice(0, known.length, ...Object.entries(tags).map(([Key, Value]) => ({ Key, Value })));
  }

  delete(id: string): void {
    this.#all.delete(id);
  }

  deleteVersion(id: string, number: number): void {
    const { versions } = this.#template(id);
    versions.splice(
      versions.findIndex(({ VersionNumber }) => VersionNumber === number),
      1,
    );
  }

  versions(id: string): ec2.LaunchTemplateVersion[] {
    return this.#template(id).versions;
  }

  /** The images of a template's versions, and which of these is the default. */
  shown(id: string): { images: (string | undefined)[]; standard: number } {
    const { versions, standard } = this.#template(id);
    return { images: versions.map(({ LaunchTemplateData }) => LaunchTemplateData?.ImageId), standard };
  }

  #template(id: string): Template {
    const found = this.#all.get(id);
    if (!found) throw ec2Error('InvalidLaunchTemplateId.NotFound');
    return found;
  }

  #version({ versions, standard }: Template, wanted: string): ec2.LaunchTemplateVersion {
    const number = wanted === '$Default' ? String(standard) : wanted;
    const found =
      wanted === '$Latest'
        ? versions.at(-1)
        : versions.find(({ VersionNumber }) => String(VersionNumber) === number);
    if (!found) throw ec2Error('InvalidLaunchTemplateId.VersionNotFound');
    return found;
  }

  #describe({ LaunchTemplateIds, Filters = [], NextToken }: ec2.DescribeLaunchTemplatesCommandInput) {
    for (const id of LaunchTemplateIds ?? []) this.#template(id);
    const found = [...this.#all].filter(
      ([id, { tags }]) =>
        (!LaunchTemplateIds || LaunchTemplateIds.includes(id)) &&
        Filters.every((filter) => tagMatches(filter, tags)),
    );
    const start = Number(NextToken ?? 0);
    const end = start + this.pageSize;
    return {
      LaunchTemplates: found
        .slice(start, end)
        .map(([LaunchTemplateId, { tags }]) => ({ LaunchTemplateId, Tags: structuredClone(tags) })),
      NextToken: end < found.length ? String(end) : undefined,
    };
  }

  #describeVersions({
    LaunchTemplateId = '',
    Versions = [],
    ResolveAlias,
  }: ec2.DescribeLaunchTemplateVersionsCommandInput) {
    const template = this.#template(LaunchTemplateId);
    const found = Versions.map((wanted) => structuredClone(this.#version(template, wanted)));
    for (const { LaunchTemplateData: data } of ResolveAlias ? found : []) {
      const alias = /^resolve:ssm:([^:]+)/.exec(data?.ImageId ?? '')?.[1];
      if (data && alias) data.ImageId = this.#parameter(alias) ?? data.ImageId;
    }
    return { LaunchTemplateVersions: found };
  }

  /** The same token and the same input: the version that there is. */
  #create(input: ec2.CreateLaunchTemplateVersionCommandInput) {
    const { LaunchTemplateId = '', SourceVersion = '', ClientToken = '', LaunchTemplateData: data } = input;
    const template = this.#template(LaunchTemplateId);
    const known = this.#tokens.get(ClientToken);
    if (known && known.input !== JSON.stringify(input)) throw ec2Error('IdempotentParameterMismatch');
    if (known) return { LaunchTemplateVersion: structuredClone(known.version) };
    const merged = { ...this.#version(template, SourceVersion).LaunchTemplateData, ...data };
    if (merged.NetworkInterfaces?.length && merged.SecurityGroupIds?.length)
      throw ec2Error(
        'InvalidParameterCombination',
        'Network interfaces and an instance-level security group',
      );
    this.grow(LaunchTemplateId, merged as ec2.ResponseLaunchTemplateData, input.VersionDescription);
    const version = template.versions.at(-1) ?? {};
    this.#tokens.set(ClientToken, { input: JSON.stringify(input), version });
    return { LaunchTemplateVersion: structuredClone(version) };
  }
}
