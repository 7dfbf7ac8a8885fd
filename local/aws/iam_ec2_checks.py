"""What AWS checks before EC2 carries out a call. See iam_checks.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
"""

from aws.calls import Call
from aws.iam_ec2_launch import create_security_group, run_instances
from aws.iam_ec2_resources import Check, list_of, resource_check, specified_tags, tag_keys, tags_of
from aws.iam_ec2_template_checks import TEMPLATE_CHECKS
from aws.settings import ACCOUNT

# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-ami-references.html#ami-references-required-permissions
_REFERENCE_READS = {
    "ec2:Instance": ["ec2:DescribeInstances"],
    "ec2:LaunchTemplate": ["ec2:DescribeLaunchTemplates", "ec2:DescribeLaunchTemplateVersions"],
    "ssm:Parameter": ["ssm:DescribeParameters", "ssm:GetParameters"],
    "imagebuilder:ImageRecipe": ["imagebuilder:ListImageRecipes"],
    "imagebuilder:ContainerRecipe": ["imagebuilder:ListContainerRecipes", "imagebuilder:GetContainerRecipe"],
}


def _create_image(call: Call, region: str) -> list[Check]:
    tags = specified_tags(call.params)
    checks = [resource_check("ec2:CreateImage", call.params.get("InstanceId", "*"), region)]
    for kind in ("image", "snapshot"):
        arn, context = f"arn:aws:ec2:{region}::{kind}/*", tag_keys(tags.get(kind, {}))
        checks.append(Check("ec2:CreateImage", arn, context))
        if kind in tags:
            checks.append(Check("ec2:CreateTags", arn, {**context, "ec2:CreateAction": "CreateImage"}))
    return checks


def _create_tags(call: Call, region: str) -> list[Check]:
    context = tag_keys(tags_of(call.params, "Tag"))
    return [resource_check(f"ec2:{call.action}", each, region, **context) for each in list_of(call.params, "ResourceId")]


def _on_each(call: Call, region: str) -> list[Check]:
    """On every instance that is named."""
    return [resource_check(f"ec2:{call.action}", each, region) for each in list_of(call.params, "InstanceId")]


def _on(parameter: str):
    def checks(call: Call, region: str) -> list[Check]:
        return [resource_check(f"ec2:{call.action}", call.params.get(parameter, "*"), region)]

    return checks


def _create_usage_report(call: Call, region: str) -> list[Check]:
    """On the image by its tags, and on the report that is made by those asked for."""
    arn = f"arn:aws:ec2:{region}:{ACCOUNT}:image-usage-report/*"
    tags = specified_tags(call.params).get("image-usage-report", {})
    context = tag_keys(tags)
    checks = [*_on("ImageId")(call, region), Check(f"ec2:{call.action}", arn, context)]
    if tags:
        checks.append(Check("ec2:CreateTags", arn, {**context, "ec2:CreateAction": call.action}))
    return checks


def _anywhere(call: Call, region: str) -> list[Check]:
    """Actions that know no resources."""
    return [Check(f"ec2:{call.action}", "*", {"ec2:Region": region})]


def _references(call: Call, region: str) -> list[Check]:
    """EC2 reads on the caller's behalf: the reads are the caller's, via `ec2-images.amazonaws.com`."""
    wanted = [value for name, value in call.params.items() if name.startswith("ResourceType.") and name.count(".") == 2]
    if call.params.get("IncludeAllResourceTypes") == "true":
        wanted = list(_REFERENCE_READS)
    via = {"aws:CalledVia": ["ec2-images.amazonaws.com"]}
    reads = [action for kind in wanted for action in _REFERENCE_READS.get(kind, [])]
    return [Check("ec2:DescribeImageReferences"), *(Check(action, "*", via) for action in reads)]


_ON_AN_IMAGE = (
    "DeregisterImage",
    "DescribeImageAttribute",
    "DisableImage",
    "DisableImageDeprecation",
    "DisableImageDeregistrationProtection",
    "EnableImage",
    "EnableImageDeprecation",
    "EnableImageDeregistrationProtection",
    "ModifyImageAttribute",
    "ResetImageAttribute",
    "RestoreImageFromRecycleBin",
)
_ON_INSTANCES = ("RebootInstances", "StartInstances", "StopInstances", "TerminateInstances")
_ANYWHERE = (
    "DescribeImageUsageReportEntries",
    "DescribeImageUsageReports",
    "DescribeInstanceStatus",
    "DescribeInstanceTypes",
    "DescribeInstances",
    "DescribeLaunchTemplates",
    "DescribeNetworkInterfaces",
    "DescribeSecurityGroups",
    "DescribeSnapshots",
    "DescribeSubnets",
    "DescribeTags",
    "DescribeVolumes",
    "ListImagesInRecycleBin",
    "ListSnapshotsInRecycleBin",
)
EC2_CHECKS = {
    **{("ec2", action): _on("ImageId") for action in _ON_AN_IMAGE},
    **{("ec2", action): _on_each for action in _ON_INSTANCES},
    **{("ec2", action): _anywhere for action in _ANYWHERE},
    **TEMPLATE_CHECKS,
    ("ec2", "CreateImage"): _create_image,
    ("ec2", "CreateTags"): _create_tags,
    ("ec2", "DeleteTags"): _create_tags,
    ("ec2", "DeleteSnapshot"): _on("SnapshotId"),
    ("ec2", "RestoreSnapshotFromRecycleBin"): _on("SnapshotId"),
    ("ec2", "CreateImageUsageReport"): _create_usage_report,
    ("ec2", "DeleteImageUsageReport"): _on("ReportId"),
    ("ec2", "DescribeImageReferences"): _references,
    ("ec2", "RunInstances"): run_instances,
    ("ec2", "CreateSecurityGroup"): create_security_group,
    ("ec2", "DeleteSecurityGroup"): _on("GroupId"),
    ("ec2", "DescribeInstanceAttribute"): _on("InstanceId"),
    ("ec2", "GetConsoleOutput"): _on("InstanceId"),
}
