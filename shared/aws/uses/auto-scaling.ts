import {
  AutoScalingClient,
  type AutoScalingGroup,
  type LaunchTemplateSpecification,
  paginateDescribeAutoScalingGroups,
  paginateDescribeLaunchConfigurations,
} from '@aws-sdk/client-auto-scaling';
import type { TemplateChoice } from '../../domain/retention/template-uses.ts';
import { inEachRegion } from '../clients.ts';
import { usersById } from './users.ts';

const client = inEachRegion((settings) => new AutoScalingClient({ ...settings, maxAttempts: 8 }));

type Use = [id: string, user: string];

/** What groups start instances from. */
export interface GroupChoices {
  readonly templates: TemplateChoice[];
  /** Users by image, where a group names it without a template. */
  readonly users: Map<string, string[]>;
}

/** Every group's launch template, the overrides of its mixed instances, and its launch configuration. */
export async function groupChoices(region: string): Promise<GroupChoices> {
  const groups: AutoScalingGroup[] = [];
  for await (const page of paginateDescribeAutoScalingGroups({ client: client(region) }, { MaxRecords: 100 }))
    groups.push(...(page.AutoScalingGroups ?? []));
  return {
    templates: groups.flatMap(templatesOf),
    users: usersById([...(await usedByConfigurations(region, groups)), ...groups.flatMap(overriddenBy)]),
  };
}

function templatesOf(group: AutoScalingGroup): TemplateChoice[] {
  const policy = group.MixedInstancesPolicy?.LaunchTemplate;
  const specifications = [
    group.LaunchTemplate,
    policy?.LaunchTemplateSpecification,
    ...(policy?.Overrides ?? []).map(({ LaunchTemplateSpecification }) => LaunchTemplateSpecification),
  ];
  return specifications.flatMap((each) => (each ? [choiceOf(each, nameOf(group))] : []));
}

const choiceOf = (
  { LaunchTemplateId, LaunchTemplateName, Version }: LaunchTemplateSpecification,
  user: string,
): TemplateChoice => ({
  templateId: LaunchTemplateId,
  templateName: LaunchTemplateName,
  version: Version ?? '$Default',
  user,
});

async function usedByConfigurations(region: string, groups: readonly AutoScalingGroup[]): Promise<Use[]> {
  const withConfiguration = groups.filter(({ LaunchConfigurationName }) => LaunchConfigurationName);
  if (withConfiguration.length === 0) return [];
  const imageOf = new Map<string, string>();
  for await (const page of paginateDescribeLaunchConfigurations(
    { client: client(region) },
    { MaxRecords: 100 },
  ))
    for (const { LaunchConfigurationName = '', ImageId = '' } of page.LaunchConfigurations ?? [])
      imageOf.set(LaunchConfigurationName, ImageId);
  return withConfiguration.flatMap((group): Use[] => {
    const image = imageOf.get(group.LaunchConfigurationName ?? '');
    return image ? [[image, `${nameOf(group)} (launch configuration)`]] : [];
  });
}

/** An override can name an image of its own. */
const overriddenBy = (group: AutoScalingGroup): Use[] =>
  (group.MixedInstancesPolicy?.LaunchTemplate?.Overrides ?? []).flatMap(({ ImageId }): Use[] =>
    ImageId ? [[ImageId, `${nameOf(group)} (override)`]] : [],
  );

const nameOf = ({ AutoScalingGroupName }: AutoScalingGroup) => `autoScalingGroup/${AutoScalingGroupName}`;
