import type {
  AutoScalingGroup,
  DescribeAutoScalingGroupsCommandInput,
  LaunchConfiguration,
} from '@aws-sdk/client-auto-scaling';
import type {
  CreateImageUsageReportCommandInput,
  DescribeImageReferencesCommandInput,
  DescribeImageUsageReportEntriesCommandInput,
  DescribeImageUsageReportsCommandInput,
  DescribeInstancesCommandInput,
  DescribeLaunchTemplatesCommandInput,
  DescribeLaunchTemplateVersionsCommandInput,
  ImageUsageReport,
  ImageUsageReportEntry,
  Instance,
  LaunchTemplateVersion,
  SecurityGroup,
} from '@aws-sdk/client-ec2';
import { ec2Error } from './aws-errors.ts';
import { tagMatches } from './fake-ec2.ts';
import type { FakeRegion } from './fake-region.ts';

export interface VersionFacts {
  readonly templateId?: string;
  readonly version?: number;
  readonly isDefault?: boolean;
  readonly image?: string;
  readonly description?: string;
  readonly snapshotIds?: readonly string[];
}

/** Everything of one region that uses images, and what other accounts do with them. */
export class FakeUsers {
  instances: Instance[] = [];
  securityGroups: SecurityGroup[] = [];
  versions: LaunchTemplateVersion[] = [];
  /** The templates that carry `amity:follow`. */
  readonly followed = new Set<string>();
  /** What a version of an SSM parameter says, by `name:version`. */
  readonly parameters = new Map<string, string>();
  groups: AutoScalingGroup[] = [];
  configurations: LaunchConfiguration[] = [];
  /** ARNs that DescribeImageReferences names, by image. */
  readonly references = new Map<string, string[]>();
  reports: ImageUsageReport[] = [];
  reportEntries: ImageUsageReportEntry[] = [];
  readonly #tokens = new Map<string, string>();
  readonly #region: FakeRegion;

  constructor(region: FakeRegion) {
    this.#region = region;
  }

  instance(image: string, state: NonNullable<Instance['State']>['Name'] = 'running', id = 'i-1'): void {
    this.instances.push({ InstanceId: id, ImageId: image, State: { Name: state } });
  }

  /** What a bake has left behind: a builder in its security group. */
  builder(id: string, deadline: string): void {
    const Tags = [
      { Key: 'amity:builder', Value: `bake-of-${id}` },
      { Key: 'amity:deadline', Value: deadline },
    ];
    this.instances.push({ InstanceId: id, State: { Name: 'running' }, Tags });
    this.securityGroups.push({ GroupId: `sg-of-${id}`, Tags });
  }

  terminate(ids: readonly string[]): void {
    for (const each of this.instances)
      if (ids.includes(each.InstanceId ?? '')) each.State = { Name: 'terminated' };
  }

  /** A version of a template whose name is `name-of-` and its id. */
  version(facts: VersionFacts): void {
    const { templateId = 'lt-1', version = 1, isDefault = false, snapshotIds = [], ...rest } = facts;
    const devices = snapshotIds.map((SnapshotId) => ({ Ebs: { SnapshotId } }));
    this.versions.push({
      LaunchTemplateId: templateId,
      LaunchTemplateName: `name-of-${templateId}`,
      VersionNumber: version,
      DefaultVersion: isDefault,
      VersionDescription: rest.description,
      LaunchTemplateData: { ImageId: rest.image, BlockDeviceMappings: devices },
    });
  }

  report(ImageId: string, ageDays: number, uses: Partial<ImageUsageReportEntry>[] = []): string {
    const ReportId = `report-${this.reports.length + 1}`;
    const CreationTime = new Date(Date.now() - ageDays * 86_400_000);
    this.reports.push({ ImageId, ReportId, CreationTime, State: 'available' });
    this.reportEntries.push(...uses.map((each) => ({ ReportId, ImageId, ...each })));
    return ReportId;
  }

  describeInstances({ Filters = [], NextToken }: DescribeInstancesCommandInput) {
    const found = this.instances.filter(({ State, Tags = [] }) =>
      Filters.every((filter) =>
        filter.Name === 'instance-state-name'
          ? filter.Values?.includes(State?.Name ?? '')
          : tagMatches(filter, Tags),
      ),
    );
    const { page, NextToken: next } = this.#region.page(found, NextToken);
    return { Reservations: page.map((each) => ({ Instances: [each] })), NextToken: next };
  }

  describeTemplates({ NextToken }: DescribeLaunchTemplatesCommandInput) {
    const all = [...this.followed].map((LaunchTemplateId) => ({ LaunchTemplateId }));
    const { page: LaunchTemplates, NextToken: next } = this.#region.page(all, NextToken);
    return { LaunchTemplates, NextToken: next };
  }

  describeVersions(input: DescribeLaunchTemplateVersionsCommandInput) {
    const { LaunchTemplateId: id, LaunchTemplateName: name, Versions, MaxResults, NextToken } = input;
    if (Versions && (id || name) && MaxResults) throw ec2Error('InvalidParameterCombination');
    const of = this.versions.filter(
      (each) => (!id || each.LaunchTemplateId === id) && (!name || each.LaunchTemplateName === name),
    );
    if (id && of.length === 0) throw ec2Error('InvalidLaunchTemplateId.NotFound');
    if (name && of.length === 0) throw ec2Error('InvalidLaunchTemplateName.NotFoundException');
    const gone = (Versions ?? []).some(
      (wanted) => /^\d+$/.test(wanted) && !of.some(({ VersionNumber }) => String(VersionNumber) === wanted),
    );
    if (gone) throw ec2Error('InvalidLaunchTemplateId.VersionNotFound');
    const latest = new Map(
      [...Map.groupBy(of, ({ LaunchTemplateId }) => LaunchTemplateId)].map(([template, all]) => [
        template,
        Math.max(...all.map(({ VersionNumber = 0 }) => VersionNumber)),
      ]),
    );
    const found = of.filter(({ VersionNumber = 0, DefaultVersion, LaunchTemplateId }) => {
      if (!Versions) return VersionNumber > Number(input.MinVersion ?? 0);
      return Versions.some(
        (wanted) =>
          wanted === String(VersionNumber) ||
          (wanted === '$Default' && DefaultVersion) ||
          (wanted === '$Latest' && VersionNumber === latest.get(LaunchTemplateId)),
      );
    });
    const { page, NextToken: next } = this.#region.page(found, NextToken);
    return {
      LaunchTemplateVersions: input.ResolveAlias ? page.map((each) => this.#resolved(each)) : page,
      NextToken: next,
    };
  }

  describeReferences({ ImageIds = [], NextToken }: DescribeImageReferencesCommandInput) {
    if (ImageIds.length > 10) throw ec2Error('InvalidParameterValue', 'at most 10 images');
    for (const id of ImageIds) this.#region.image(id);
    const all = ImageIds.flatMap((ImageId) =>
      (this.references.get(ImageId) ?? []).map((Arn) => ({ ImageId, Arn })),
    );
    const { page: ImageReferences, NextToken: next } = this.#region.page(all, NextToken);
    return { ImageReferences, NextToken: next };
  }

  describePermissions({ ImageId = '' }: { ImageId?: string | undefined }) {
    this.#region.image(ImageId);
    return { ImageId, LaunchPermissions: this.#region.permissions.get(ImageId) ?? [] };
  }

  describeReports({ ImageIds = [], NextToken }: DescribeImageUsageReportsCommandInput) {
    const found = this.reports.filter(({ ImageId = '' }) => ImageIds.includes(ImageId));
    const { page: ImageUsageReports, NextToken: next } = this.#region.page(found, NextToken);
    return { ImageUsageReports, NextToken: next };
  }

  describeEntries({ ReportIds = [], NextToken }: DescribeImageUsageReportEntriesCommandInput) {
    const found = this.reportEntries.filter(({ ReportId = '' }) => ReportIds.includes(ReportId));
    const { page: ImageUsageReportEntries, NextToken: next } = this.#region.page(found, NextToken);
    return { ImageUsageReportEntries, NextToken: next };
  }

  orderReport({ ImageId = '', ClientToken = '' }: CreateImageUsageReportCommandInput) {
    const known = this.#tokens.get(ClientToken);
    if (known) return { ReportId: known };
    const ReportId = this.report(ImageId, 0);
    this.reports = this.reports.map((each) =>
      each.ReportId === ReportId ? { ...each, State: 'pending' } : each,
    );
    this.#tokens.set(ClientToken, ReportId);
    return { ReportId };
  }

  describeGroups({ NextToken }: DescribeAutoScalingGroupsCommandInput) {
    const { page: AutoScalingGroups, NextToken: next } = this.#region.page(this.groups, NextToken);
    return { AutoScalingGroups, NextToken: next };
  }

  describeConfigurations({ NextToken }: DescribeAutoScalingGroupsCommandInput) {
    const { page: LaunchConfigurations, NextToken: next } = this.#region.page(this.configurations, NextToken);
    return { LaunchConfigurations, NextToken: next };
  }

  #resolved(version: LaunchTemplateVersion): LaunchTemplateVersion {
    const alias = version.LaunchTemplateData?.ImageId?.replace(/^resolve:ssm:/, '') ?? '';
    const ImageId = this.parameters.get(alias);
    return ImageId ? { ...version, LaunchTemplateData: { ...version.LaunchTemplateData, ImageId } } : version;
  }
}
