"""What AWS checks before EC2 carries out a call. See iam_checks.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
"""

from dataclasses import dataclass, field

from aws.calls import Call
from aws.ec2.state import backend_of
from aws.settings import ACCOUNT

# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-ami-references.html#ami-references-required-permissions
_REFERENCE_READS = {
    "ec2:Instance": ["ec2:DescribeInstances"],
    "ec2:LaunchTemplate": ["ec2:DescribeLaunchTemplates", "ec2:DescribeLaunchTemplateVersions"],
    "ssm:Parameter": ["ssm:DescribeParameters", "ssm:GetParameters"],
    "imagebuilder:ImageRecipe": ["imagebuilder:ListImageRecipes"],
    "imagebuilder:ContainerRecipe": ["imagebuilder:ListContainerRecipes", "imagebuilder:GetContainerRecipe"],
}
_KINDS = {"ami": "image", "snap": "snapshot", "i": "instance", "vol": "volume", "lt": "launch-template"}


@dataclass
class Check:
    action: str
    resource: str = "*"
    context: dict = field(default_factory=dict)


def resource_check(action: str, resource_id: str, region: str, **more) -> Check:
    """A check on an EC2 resource, with the tags that it has."""
    kind = _KINDS.get(resource_id.split("-")[0], "*")
    account = "" if kind in ("image", "snapshot") else ACCOUNT
    context = dict(more)
    for key, value in backend_of(region).tags.get(resource_id, {}).items():
        context[f"aws:ResourceTag/{key}"] = context[f"ec2:ResourceTag/{key}"] = value
    return Check(action, f"arn:aws:ec2:{region}:{account}:{kind}/{resource_id}", context)


def _create_image(call: Call, region: str) -> list[Check]:
    tags = _specified_tags(call.params)
    checks = [resource_check("ec2:CreateImage", call.params.get("InstanceId", "*"), region)]
    for kind in ("image", "snapshot"):
        arn, context = f"arn:aws:ec2:{region}::{kind}/*", _tag_keys(tags.get(kind, {}))
        checks.append(Check("ec2:CreateImage", arn, context))
        if kind in tags:
            checks.append(Check("ec2:CreateTags", arn, {**context, "ec2:CreateAction": "CreateImage"}))
    return checks


def _create_tags(call: Call, region: str) -> list[Check]:
    context = _tag_keys(_tags(call.params, "Tag"))
    return [resource_check(f"ec2:{call.action}", each, region, **context) for each in _list(call.params, "ResourceId")]


def _on(parameter: str):
    def checks(call: Call, region: str) -> list[Check]:
        return [resource_check(f"ec2:{call.action}", call.params.get(parameter, "*"), region)]

    return checks


def _references(call: Call, region: str) -> list[Check]:
    """EC2 reads on the caller's behalf: the reads are the caller's, via `ec2-images.amazonaws.com`."""
    wanted = [value for name, value in call.params.items() if name.startswith("ResourceType.") and name.count(".") == 2]
    if call.params.get("IncludeAllResourceTypes") == "true":
        wanted = list(_REFERENCE_READS)
    via = {"aws:CalledVia": ["ec2-images.amazonaws.com"]}
    reads = [action for kind in wanted for action in _REFERENCE_READS.get(kind, [])]
    return [Check("ec2:DescribeImageReferences"), *(Check(action, "*", via) for action in reads)]


def _list(params: dict, name: str) -> list[str]:
    return [value for key, value in params.items() if key.startswith(f"{name}.") and key[len(name) + 1 :].isdigit()]


def _tags(params: dict, prefix: str) -> dict[str, str]:
    found, number = {}, 1
    while f"{prefix}.{number}.Key" in params:
        found[params[f"{prefix}.{number}.Key"]] = params.get(f"{prefix}.{number}.Value", "")
        number += 1
    return found


def _specified_tags(params: dict) -> dict[str, dict[str, str]]:
    found, number = {}, 1
    while kind := params.get(f"TagSpecification.{number}.ResourceType"):
        found[kind] = _tags(params, f"TagSpecification.{number}.Tag")
        number += 1
    return found


def _tag_keys(tags: dict[str, str]) -> dict:
    if not tags:
        return {}
    return {**{f"aws:RequestTag/{key}": value for key, value in tags.items()}, "aws:TagKeys": list(tags)}


EC2_CHECKS = {
    ("ec2", "CreateImage"): _create_image,
    ("ec2", "CreateTags"): _create_tags,
    ("ec2", "DeleteTags"): _create_tags,
    ("ec2", "DeregisterImage"): _on("ImageId"),
    ("ec2", "DisableImage"): _on("ImageId"),
    ("ec2", "EnableImage"): _on("ImageId"),
    ("ec2", "ModifyImageAttribute"): _on("ImageId"),
    ("ec2", "DeleteSnapshot"): _on("SnapshotId"),
    ("ec2", "DescribeImageReferences"): _references,
}
