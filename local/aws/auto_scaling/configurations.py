"""What a group launches from: one launch template, mixed instances policy or launch configuration, as last saved.

https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html: what a call does not name
stays; moto forgets a policy that a call does not repeat. A group with a policy shows no launch template of its own.
"""

from copy import deepcopy

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import FakeAutoScalingGroup
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.launch_templates import LaunchTemplate

from aws.ec2.launch_template_numbers import version_of

# One of the three by its name in the API: LaunchTemplate, MixedInstancesPolicy, LaunchConfigurationName.
Configuration = dict
KINDS = ("LaunchTemplate", "MixedInstancesPolicy", "LaunchConfigurationName")
DISTRIBUTION = {
    "OnDemandAllocationStrategy": "prioritized",
    "OnDemandBaseCapacity": 0,
    "OnDemandPercentageAboveBaseCapacity": 100,
    "SpotAllocationStrategy": "lowest-price",
    "SpotInstancePools": 2,
}


def install() -> None:
    def read(group: FakeAutoScalingGroup, name: str, template: dict, mixed_instances_policy: dict | None) -> None:
        given = dict(zip(KINDS, (template, mixed_instances_policy, name), strict=True))
        save(group, complete(group.ec2_backend, given) if any(given.values()) else group.configuration)

    FakeAutoScalingGroup._set_launch_configuration = read
    FakeAutoScalingGroup.launch_template = property(lambda group: group.configuration.get("LaunchTemplate"))
    FakeAutoScalingGroup.launch_configuration_name = property(
        lambda group: group.configuration.get("LaunchConfigurationName")
    )


def save(group: FakeAutoScalingGroup, configuration: Configuration) -> None:
    group.configuration = configuration
    group.mixed_instances_policy = configuration.get("MixedInstancesPolicy")


def check_configuration(ec2, configuration: Configuration) -> None:
    """Every template and version that a call names must be there, and be named once."""
    if sum(bool(configuration.get(kind)) for kind in KINDS) > 1:
        raise ValidationError(
            "Valid requests must contain either LaunchTemplate, LaunchConfigurationName "
            "or MixedInstancesPolicy parameter."
        )
    policy = configuration.get("MixedInstancesPolicy")
    if policy and not (policy.get("LaunchTemplate") or {}).get("LaunchTemplateSpecification"):
        raise ValidationError("The mixed instances policy must have a LaunchTemplateSpecification.")
    for specification in specifications_of(configuration):
        if bool(specification.get("LaunchTemplateId")) == bool(specification.get("LaunchTemplateName")):
            raise ValidationError("Valid requests must contain either launchTemplateId or LaunchTemplateName")
        find_template(ec2, specification)


def complete(ec2, configuration: Configuration) -> Configuration:
    """As the service shows it: templates with id and name, the version as given, a policy with its defaults."""
    completed = deepcopy({kind: configuration[kind] for kind in KINDS if configuration.get(kind)})
    for specification in specifications_of(completed):
        found = find_template(ec2, specification)
        specification.update({"LaunchTemplateId": found.id, "LaunchTemplateName": found.name})
    policy = completed.get("MixedInstancesPolicy")
    if policy:
        policy["LaunchTemplate"]["LaunchTemplateSpecification"].setdefault("Version", "$Default")
        policy["LaunchTemplate"].setdefault("Overrides", [])
        policy["InstancesDistribution"] = {**DISTRIBUTION, **(policy.get("InstancesDistribution") or {})}
    return completed


def specifications_of(configuration: Configuration) -> list[dict]:
    """The templates of a configuration: its own first, then those of the policy's overrides that have one."""
    templates = (configuration.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
    overrides = [each.get("LaunchTemplateSpecification") for each in templates.get("Overrides") or []]
    own = configuration.get("LaunchTemplate") or templates.get("LaunchTemplateSpecification")
    return [each for each in [own, *overrides] if each]


def find_template(ec2, specification: dict) -> LaunchTemplate:
    """By id, or by name; its version must be there too."""
    template_id, name = specification.get("LaunchTemplateId"), specification.get("LaunchTemplateName")
    try:
        found = ec2.get_launch_template(template_id) if template_id else ec2.get_launch_template_by_name(name)
        version_of(found, specification.get("Version"))
    except EC2ClientError as error:
        raise ValidationError(error.message) from error
    return found
