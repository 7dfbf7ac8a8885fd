"""What a group starts its instances from, as the service keeps and shows it.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-mixed-instances-groups.html: a group with a
MixedInstancesPolicy shows no launch template of its own, and an override can have another template than the policy.
"""

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import FakeAutoScalingGroup
from moto.ec2.exceptions import EC2ClientError

from aws.ec2.launch_template_numbers import version_of


def install() -> None:
    FakeAutoScalingGroup.launch_template = property(_shown_template)
    start = FakeAutoScalingGroup.replace_autoscaling_group_instances

    def start_instances(self: FakeAutoScalingGroup, count: int, tags: dict[str, str]) -> None:
        _start(start, self, count, tags)

    FakeAutoScalingGroup.replace_autoscaling_group_instances = start_instances


def check_specifications(ec2, template: dict | None, policy: dict | None) -> None:
    """Every template and version that the call names must be there."""
    of_policy = (policy or {}).get("LaunchTemplate", {})
    for specification in [template, of_policy.get("LaunchTemplateSpecification"), *_overrides(policy)]:
        if specification:
            find_template(ec2, specification)


def show_both_names(group: FakeAutoScalingGroup) -> None:
    """An override's template is shown with its id and its name, as the policy's is."""
    for specification in _overrides(group.mixed_instances_policy):
        found = find_template(group.ec2_backend, specification)
        specification.update({"LaunchTemplateId": found.id, "LaunchTemplateName": found.name})


def _overrides(policy: dict | None) -> list[dict]:
    """The templates of those overrides that have their own."""
    overrides = ((policy or {}).get("LaunchTemplate") or {}).get("Overrides") or []
    return [each["LaunchTemplateSpecification"] for each in overrides if each.get("LaunchTemplateSpecification")]


def find_template(ec2, specification: dict):
    template_id, name = specification.get("LaunchTemplateId"), specification.get("LaunchTemplateName")
    if not template_id and not name:
        raise ValidationError("Valid requests must contain either launchTemplateId or LaunchTemplateName")
    try:
        found = ec2.get_launch_template(template_id) if template_id else ec2.get_launch_template_by_name(name)
        version_of(found, specification.get("Version"))
    except EC2ClientError as error:
        raise ValidationError(error.message) from error
    return found


def _shown_template(group: FakeAutoScalingGroup) -> dict | None:
    """The version is shown as it was given, and not at all when it was not."""
    template = group.ec2_launch_template
    if template is None or group.mixed_instances_policy:
        return None
    shown = {"LaunchTemplateId": template.id, "LaunchTemplateName": template.name}
    version = group.provided_launch_template_version
    return {**shown, "Version": version} if version else shown


def _start(start, group: FakeAutoScalingGroup, count: int, tags: dict[str, str]) -> None:
    """Starts from the first template that an override has, else the group's; from an image that is gone, nothing."""
    version = getattr(group, "launch_template_version", None)
    before, known = (group.ec2_launch_template, version), len(group.instance_states)
    own = next(iter(_overrides(group.mixed_instances_policy)), None)
    if own:
        group.ec2_launch_template = find_template(group.ec2_backend, own)
        group.launch_template_version = own.get("Version") or "$Default"
    try:
        image = group.ec2_backend.amis.get(group.image_id)
        if image is not None and image.state == "available":
            start(group, count, tags)
            _tag_versions(group, known)
    finally:
        group.ec2_launch_template, group.launch_template_version = before


def _tag_versions(group: FakeAutoScalingGroup, known: int) -> None:
    """The number of the version in use; moto always has the template's default there."""
    if group.ec2_launch_template is None:
        return
    number = version_of(group.ec2_launch_template, group.launch_template_version).number
    for state in group.instance_states[known:]:
        group.ec2_backend.tags[state.instance.id]["aws:ec2launchtemplate:version"] = str(number)
