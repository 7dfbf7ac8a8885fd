"""How a group starts instances, and what it remembers of each.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-mixed-instances-groups.html: an override can
have another template, and image, than the policy. moto starts from a template's default version, from any image.
"""

import random
from dataclasses import dataclass

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import ASG_NAME_TAG, FakeAutoScalingGroup, FakeLaunchConfiguration, InstanceState
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.launch_templates import LaunchTemplateVersion
from moto.ec2.utils import convert_tag_spec

from aws.auto_scaling.configurations import Configuration, find_template
from aws.auto_scaling.instance_refresh import active_refresh
from aws.ec2.errors import image_unavailable
from aws.ec2.launch_template_numbers import version_of
from aws.ec2.launch_template_versions import ALIAS, resolve_alias
from aws.ec2.state import find_image


class LaunchFailed(Exception):
    """EC2 started nothing; the reason is as a scaling activity has it."""


@dataclass(frozen=True)
class Source:
    """What an instance is started from: a version of a template, with its override's type and image, or the other."""

    version: LaunchTemplateVersion | None = None
    override: dict | None = None
    configuration: FakeLaunchConfiguration | None = None

    @property
    def image_id(self) -> str:
        image = (self.override or {}).get("ImageId") or (self.version or self.configuration).image_id
        return resolve_alias(image) if image.startswith(ALIAS) else image

    @property
    def instance_type(self) -> str:
        return (self.override or {}).get("InstanceType") or (self.version or self.configuration).instance_type

    def remembered(self) -> dict:
        """What DescribeAutoScalingGroups shows of an instance: the version by its number."""
        if self.version is None:
            return {"LaunchConfigurationName": self.configuration.name}
        template = self.version.template
        named = {"LaunchTemplateId": template.id, "LaunchTemplateName": template.name}
        return {"LaunchTemplate": {**named, "Version": str(self.version.number)}}


def install() -> None:
    InstanceState.launch_template = property(lambda state: _remembered(state).get("LaunchTemplate"))
    InstanceState.launch_configuration_name = property(lambda state: _remembered(state).get("LaunchConfigurationName"))


def _remembered(state: InstanceState) -> dict:
    return getattr(state, "launched_from", {})


def sources_of(group: FakeAutoScalingGroup, configuration: Configuration) -> list[Source]:
    """All that an instance of the group can be started from; the first is the one that is."""
    name, template = configuration.get("LaunchConfigurationName"), configuration.get("LaunchTemplate")
    if name:
        found = group.autoscaling_backend.launch_configurations.get(name)
        if found is None:
            raise ValidationError("Launch configuration name not found - null")
        return [Source(configuration=found)]
    if template:
        return [Source(_version(group, template))]
    templates = configuration["MixedInstancesPolicy"]["LaunchTemplate"]
    own = templates["LaunchTemplateSpecification"]
    return [
        Source(_version(group, override.get("LaunchTemplateSpecification") or own), override)
        for override in templates["Overrides"] or [{}]
    ]


def _version(group: FakeAutoScalingGroup, specification: dict) -> LaunchTemplateVersion:
    return version_of(find_template(group.ec2_backend, specification), specification.get("Version"))


def launches_from(group: FakeAutoScalingGroup) -> Configuration:
    """The group's own configuration, or the one that an instance refresh is bringing it to."""
    refresh = active_refresh(group)
    return refresh.launches_from if refresh else group.configuration


def launch(group: FakeAutoScalingGroup, count: int) -> list[InstanceState]:
    """Starts instances of a group, in service at once."""
    try:
        source = sources_of(group, launches_from(group))[0]
        image = find_image(group.ec2_backend, source.image_id)
        if image.state != "available":
            raise image_unavailable(image.id)
        reservation = _run(group, count, source)
    except (EC2ClientError, ValidationError) as error:
        raise LaunchFailed(f"{error.message.rstrip('.')}. Launching EC2 instance failed.") from error
    states = []
    for instance in reservation.instances:
        instance.autoscaling_group = group
        state = InstanceState(instance, protected_from_scale_in=group.new_instances_protected_from_scale_in)
        state.launched_from = source.remembered()
        states.append(state)
    group.instance_states.extend(states)
    return states


def _run(group: FakeAutoScalingGroup, count: int, source: Source):
    """A tag of the group counts before the template's of the same key, as in AWS's page on tagging groups."""
    version, configuration = source.version, source.configuration
    tags = convert_tag_spec(version.data.get("TagSpecifications", [])) if version else {}
    tags["instance"] = {**tags.get("instance", {}), **group.get_propagated_tags(), ASG_NAME_TAG: group.name}
    subnets = (group.vpc_zone_identifier or "").split(",")
    template = {"LaunchTemplateId": version.template.id, "Version": str(version.number)} if version else None
    return group.ec2_backend.run_instances(
        source.image_id,
        count,
        (version or configuration).user_data,
        (version or configuration).security_groups,
        instance_type=source.instance_type,
        tags=tags,
        placement=random.choice(group.availability_zones),
        launch_config=configuration,
        launch_template=template,
        is_instance_type_default=False,
        associate_public_ip=configuration.associate_public_ip_address if configuration else None,
        subnet_id=subnets[0].strip() or None,
    )
