"""What AWS checks before EC2 Auto Scaling carries out a call. See iam_checks.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html. Who sets what a group
launches from must be able to launch it: a dry run of RunInstances in the caller's name, of the version that is meant now
(https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html, permissions
validation), in each subnet of the group.
"""

from collections.abc import Iterator

from moto.autoscaling.models import autoscaling_backends

from aws.auto_scaling.configurations import specifications_of
from aws.calls import Call
from aws.ec2.state import backend_of
from aws.iam_ec2_launch import launch_checks
from aws.iam_ec2_resources import Check
from aws.settings import ACCOUNT

_DESIRED = "DesiredConfiguration."
_LAUNCHES = {"CreateAutoScalingGroup": "", "UpdateAutoScalingGroup": "", "StartInstanceRefresh": _DESIRED}
_ON_A_GROUP = ("CancelInstanceRefresh", "DeleteAutoScalingGroup", "RollbackInstanceRefresh")
_ANYWHERE = ("DescribeAutoScalingGroups", "DescribeInstanceRefreshes", "DescribeLaunchConfigurations")


def _on_group(call: Call, region: str) -> list[Check]:
    """By its whole ARN, which has an id of the group's own before its name."""
    name, group = call.params.get("AutoScalingGroupName", "*"), _group(call, region)
    unknown = f"arn:aws:autoscaling:{region}:{ACCOUNT}:autoScalingGroup:*:autoScalingGroupName/{name}"
    context = {}
    for tag in group.tags if group else []:
        for key in ("aws:ResourceTag", "autoscaling:ResourceTag"):
            context[f"{key}/{tag.get('Key', tag.get('key'))}"] = tag.get("Value", tag.get("value"))
    return [Check(f"autoscaling:{call.action}", group.arn if group else unknown, {**context, **_version_key(call)})]


def _with_launch(call: Call, region: str) -> list[Check]:
    checks = _on_group(call, region)
    for specification in _specifications(call, region):
        for params in _launches(call, region):
            checks += launch_checks(params, specification, region)
    return checks


def _anywhere(call: Call, region: str) -> list[Check]:
    return [Check(f"autoscaling:{call.action}")]


def _group(call: Call, region: str):
    groups = autoscaling_backends[ACCOUNT][region].autoscaling_groups
    return groups.get(call.params.get("AutoScalingGroupName"))


def _version_key(call: Call) -> dict[str, str]:
    """Whether every template of the call has a number; the key is not there where none is named."""
    versions = [each.get("Version", "$Default") for each in _named(call)]
    if call.action == "StartInstanceRefresh" or not versions:
        return {}
    return {"autoscaling:LaunchTemplateVersionSpecified": str(all(each.isdigit() for each in versions)).lower()}


def _named(call: Call) -> list[dict]:
    """The templates that the call names, wherever in it."""
    found, start = {}, _LAUNCHES.get(call.action, "")
    for key, value in call.params.items():
        where, _, name = key.rpartition(".")
        if key.startswith(start) and name in ("LaunchTemplateId", "LaunchTemplateName"):
            version = {"Version": call.params[f"{where}.Version"]} if f"{where}.Version" in call.params else {}
            found[where] = {name: value, **version}
    return list(found.values())


def _specifications(call: Call, region: str) -> list[dict]:
    """A refresh without a desired configuration launches from what the group has."""
    named, group = _named(call), _group(call, region)
    if named or call.action != "StartInstanceRefresh" or group is None:
        return named
    return specifications_of(group.configuration)


def _launches(call: Call, region: str) -> Iterator[dict]:
    """What the group adds to its template: where, and of what type where that is overridden."""
    group, backend = _group(call, region), backend_of(region)
    listed = call.params.get("VPCZoneIdentifier") or (group.vpc_zone_identifier if group else "") or ""
    subnets = [each.strip() for each in listed.split(",") if each.strip()]
    if not subnets:
        zones = group.availability_zones if group else []
        default = backend.get_default_subnets()
        subnets = [default[zone].id for zone in zones if zone in default]
    types = [value for key, value in call.params.items() if key.endswith(".InstanceType")]
    for subnet in subnets or ["subnet-*"]:
        for override in [{"InstanceType": each} for each in types] or [{}]:
            yield {"SubnetId": subnet, **override}


AUTO_SCALING_CHECKS = {
    **{("autoscaling", action): _on_group for action in _ON_A_GROUP},
    **{("autoscaling", action): _with_launch for action in _LAUNCHES},
    **{("autoscaling", action): _anywhere for action in _ANYWHERE},
}
