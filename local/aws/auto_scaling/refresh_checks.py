"""What StartInstanceRefresh refuses, and what it fills in.

https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_StartInstanceRefresh.html,
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html and
https://docs.aws.amazon.com/autoscaling/ec2/userguide/understand-instance-refresh-default-values.html. The words are
the service's where they are known: of an auto rollback without a desired configuration, and of a constraint.
"""

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import FakeAutoScalingGroup

from aws.auto_scaling.configurations import Configuration, find_template, specifications_of
from aws.ec2.launch_template_numbers import version_of
from aws.ec2.launch_template_versions import ALIAS

MAX_DELAY = 172_800
DEFAULT_DELAY = 3600
RANGES = {
    "MinHealthyPercentage": (0, 100),
    "MaxHealthyPercentage": (100, 200),
    "InstanceWarmup": (0, None),
    "CheckpointDelay": (0, MAX_DELAY),
    "BakeTime": (0, MAX_DELAY),
}
CHOICES = {
    "ScaleInProtectedInstances": ("Refresh", "Ignore", "Wait"),
    "StandbyInstances": ("Terminate", "Ignore", "Wait"),
}


def read_preferences(group: FakeAutoScalingGroup, given: dict) -> dict:
    """The preferences of a call with their defaults; refused where one is out of its range."""
    for name, (least, most) in RANGES.items():
        _check_range(f"preferences.{name[0].lower()}{name[1:]}", given.get(name), least, most)
    for name, allowed in CHOICES.items():
        if given.get(name) not in (None, *allowed):
            words = f"Member must satisfy enum value set: [{', '.join(allowed)}]"
            raise _constraint(f"preferences.{name[0].lower()}{name[1:]}", given[name], words)
    _check_healthy(given)
    defaults = {"MinHealthyPercentage": 90, "InstanceWarmup": group.health_check_grace_period}
    defaults |= {"SkipMatching": False, "AutoRollback": False}
    defaults |= {"ScaleInProtectedInstances": "Wait", "StandbyInstances": "Wait"}
    if _check_checkpoints(given):
        defaults["CheckpointDelay"] = DEFAULT_DELAY
    return {**defaults, **{name: value for name, value in given.items() if value is not None}}


def check_auto_rollback(group: FakeAutoScalingGroup, desired: Configuration | None) -> None:
    """See https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-rollback.html, considerations."""
    if not desired:
        raise ValidationError(
            "The request isn't valid. The AutoRollback parameter cannot be set to true when the DesiredConfiguration "
            "parameter is empty. Set AutoRollback to false or specify a desired configuration and try again."
        )
    reason = why_not_back(group, group.configuration) or why_not_back(group, desired)
    if reason:
        raise ValidationError(
            f"The request isn't valid. The AutoRollback parameter cannot be set to true when {reason}. "
            "Set AutoRollback to false or specify a numbered launch template version and try again."
        )


def why_not_back(group: FakeAutoScalingGroup, configuration: Configuration) -> str | None:
    """What keeps the service from rolling back to, or from, a configuration; nothing if nothing does."""
    for specification in specifications_of(configuration):
        version = specification.get("Version") or "$Default"
        if version in ("$Latest", "$Default"):
            return f"the launch template version is {version}"
        if _has_alias(group, specification):
            return "the launch template uses an AWS Systems Manager parameter instead of an AMI ID"
    return None


def _has_alias(group: FakeAutoScalingGroup, specification: dict) -> bool:
    try:
        template = find_template(group.ec2_backend, specification)
    except ValidationError:
        return False
    return version_of(template, specification.get("Version")).image_id.startswith(ALIAS)


def _check_healthy(given: dict) -> None:
    least, most = given.get("MinHealthyPercentage"), given.get("MaxHealthyPercentage")
    if most is not None and least is None:
        raise ValidationError("MinHealthyPercentage must be specified when MaxHealthyPercentage is specified.")
    if most is not None and most - least > 100:
        raise ValidationError(
            "The difference between MaxHealthyPercentage and MinHealthyPercentage cannot be greater than 100."
        )


def _check_checkpoints(given: dict) -> bool:
    """Whether there are any; each from 1 to 100, in ascending order, and once."""
    percentages = given.get("CheckpointPercentages") or []
    if given.get("CheckpointDelay") is not None and not percentages:
        raise ValidationError("CheckpointPercentages must be specified when CheckpointDelay is specified.")
    for number, each in enumerate(percentages, 1):
        _check_range(f"preferences.checkpointPercentages.{number}.member", each, 1, 100)
    if percentages != sorted(set(percentages)):
        raise ValidationError("CheckpointPercentages must be unique and in ascending order.")
    return bool(percentages)


def _check_range(name: str, value: int | None, least: int, most: int | None) -> None:
    if value is not None and value < least:
        raise _constraint(name, value, f"Member must have value greater than or equal to {least}")
    if value is not None and most is not None and value > most:
        raise _constraint(name, value, f"Member must have value less than or equal to {most}")


def _constraint(name: str, value: object, words: str) -> ValidationError:
    found = f"1 validation error detected: Value '{value}' at '{name}'"
    return ValidationError(f"{found} failed to satisfy constraint: {words}")
