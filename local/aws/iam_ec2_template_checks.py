"""What AWS checks before EC2 makes, changes or shows a launch template. See iam_checks.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html: a version that is described or
made with its alias resolved asks for `ssm:GetParameters` too. Describing knows no resources.
"""

from aws.calls import Call
from aws.ec2.state import backend_of
from aws.iam_ec2_resources import Check, list_of, resource_check, specified_tags, tag_keys
from aws.iam_ec2_templates import alias_checks, find_version
from aws.settings import ACCOUNT


def _create_template(call: Call, region: str) -> list[Check]:
    arn = f"arn:aws:ec2:{region}:{ACCOUNT}:launch-template/*"
    tags = specified_tags(call.params).get("launch-template", {})
    context = tag_keys(tags)
    checks = [Check(f"ec2:{call.action}", arn, context)]
    if tags:
        checks.append(Check("ec2:CreateTags", arn, {**context, "ec2:CreateAction": call.action}))
    return checks


def _on_template(call: Call, region: str) -> list[Check]:
    """By its id, also where the call has its name."""
    names = backend_of(region).launch_template_name_to_ids
    template_id = call.params.get("LaunchTemplateId") or names.get(call.params.get("LaunchTemplateName"), "lt-*")
    return [resource_check(f"ec2:{call.action}", template_id, region)]


def _create_version(call: Call, region: str) -> list[Check]:
    """An alias is resolved, and so read by the caller, only if the call asks for that."""
    image = call.params.get("LaunchTemplateData.ImageId", "")
    asked = call.params.get("ResolveAlias") == "true"
    return [*_on_template(call, region), *(alias_checks(image, region) if asked else [])]


def _describe_versions(call: Call, region: str) -> list[Check]:
    """The same, for each version that is described."""
    checks = [Check(f"ec2:{call.action}", "*", {"ec2:Region": region})]
    if call.params.get("ResolveAlias") != "true":
        return checks
    for number in list_of(call.params, "LaunchTemplateVersion") or ["$Default"]:
        version = find_version({**call.params, "Version": number}, region)
        checks += alias_checks(version.image_id, region) if version else []
    return checks


TEMPLATE_CHECKS = {
    ("ec2", "CreateLaunchTemplate"): _create_template,
    ("ec2", "CreateLaunchTemplateVersion"): _create_version,
    ("ec2", "DeleteLaunchTemplate"): _on_template,
    ("ec2", "DeleteLaunchTemplateVersions"): _on_template,
    ("ec2", "DescribeLaunchTemplateVersions"): _describe_versions,
    ("ec2", "ModifyLaunchTemplate"): _on_template,
}
