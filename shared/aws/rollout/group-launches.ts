import type { LaunchTemplateSpecification, MixedInstancesPolicy } from '@aws-sdk/client-auto-scaling';

/** What a group starts its instances from: a launch template, or a policy that mixes several. */
export interface Launches {
  readonly launchTemplate: LaunchTemplateSpecification | undefined;
  readonly policy: MixedInstancesPolicy | undefined;
}

type Change = (specification: LaunchTemplateSpecification) => LaunchTemplateSpecification;

/** Every launch template that a group names, with its version. */
export const specificationsOf = ({ launchTemplate, policy }: Launches): LaunchTemplateSpecification[] =>
  [
    launchTemplate,
    policy?.LaunchTemplate?.LaunchTemplateSpecification,
    ...(policy?.LaunchTemplate?.Overrides ?? []).map((each) => each.LaunchTemplateSpecification),
  ].filter((each) => each !== undefined);

export const uses = (launches: Launches, templateId: string): boolean =>
  specificationsOf(launches).some(({ LaunchTemplateId }) => LaunchTemplateId === templateId);

/** Whether everything of that template is at that number already. */
export const isAt = (launches: Launches, templateId: string, version: number): boolean =>
  specificationsOf(launches).every(
    ({ LaunchTemplateId, Version }) => LaunchTemplateId !== templateId || Version === String(version),
  );

/** `$Default` and `$Latest`, and none, which is the default: what they mean changes with the template. */
export const isMoving = ({ Version }: LaunchTemplateSpecification): boolean => !/^\d+$/.test(Version ?? '');

/** The same, with that version of that template. */
export const withVersion = (launches: Launches, templateId: string, version: number): Launches =>
  changed(launches, (each) =>
    each.LaunchTemplateId === templateId ? { ...each, Version: String(version) } : each,
  );

/** The same, with a number for each version that moves. */
export const pinned = (
  launches: Launches,
  numberOf: (specification: LaunchTemplateSpecification) => number,
): Launches =>
  changed(launches, (each) => (isMoving(each) ? { ...each, Version: String(numberOf(each)) } : each));

/** The service shows a template's id and its name, and takes one of them. */
const byId = ({ LaunchTemplateId, LaunchTemplateName, Version }: LaunchTemplateSpecification) =>
  LaunchTemplateId ? { LaunchTemplateId, Version } : { LaunchTemplateName, Version };

function changed({ launchTemplate, policy }: Launches, change: Change): Launches {
  const next: Change = (specification) => byId(change(specification));
  return {
    launchTemplate: launchTemplate && next(launchTemplate),
    policy: policy && {
      ...policy,
      LaunchTemplate: policy.LaunchTemplate && {
        ...policy.LaunchTemplate,
        LaunchTemplateSpecification:
          policy.LaunchTemplate.LaunchTemplateSpecification &&
          next(policy.LaunchTemplate.LaunchTemplateSpecification),
        Overrides: policy.LaunchTemplate.Overrides?.map((override) => ({
          ...override,
          ...(override.LaunchTemplateSpecification && {
            LaunchTemplateSpecification: next(override.LaunchTemplateSpecification),
          }),
        })),
      },
    },
  };
}
