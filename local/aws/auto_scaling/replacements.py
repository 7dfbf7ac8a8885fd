"""Which instances of a group a refresh replaces, how many at a time, and the replacing itself.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-overview.html and
https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh-skip-matching.html.
"""

import math

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import FakeAutoScalingGroup, InstanceState

from aws.auto_scaling.capacity import instances_wanted, missing, tell_load_balancers
from aws.auto_scaling.instance_refresh import InstanceRefresh
from aws.auto_scaling.launches import LaunchFailed, launch, sources_of
from aws.auto_scaling.refresh_pace import pace
from aws.ec2.state import Ec2State


def choose_instances(refresh: InstanceRefresh) -> None:
    """Those that are protected or on standby only if the preferences say so; with skip matching, those that differ."""
    group, preferences = refresh.group, refresh.preferences
    refresh.before = {each.instance.id for each in group.instance_states}
    refresh.old = {
        each.instance.id
        for each in group.instance_states
        if not (each.protected_from_scale_in and preferences["ScaleInProtectedInstances"] == "Ignore")
        and not (each.lifecycle_state == "Standby" and preferences["StandbyInstances"] == "Ignore")
        and not (preferences["SkipMatching"] and _is_as_wanted(refresh, each))
    }
    refresh.total = len(refresh.old)


def _is_as_wanted(refresh: InstanceRefresh, state: InstanceState) -> bool:
    try:
        sources = sources_of(refresh.group, refresh.launches_from)
    except ValidationError:
        return False
    was = getattr(state, "launched_from", None)
    # An override's own image counts too; the template's is in its version.
    return any(
        each.remembered() == was
        and each.instance_type == state.instance_type
        and (each.override or {}).get("ImageId") in (None, state.instance.image_id)
        for each in sources
    )


def old_instances(refresh: InstanceRefresh) -> list[InstanceState]:
    return [each for each in refresh.group.instance_states if each.instance.id in refresh.old]


def new_instances(refresh: InstanceRefresh) -> list[InstanceState]:
    """Those that a rollback has to replace: started since, whether by the refresh or as the group grew."""
    kept = refresh.before | refresh.back
    return [each for each in refresh.group.instance_states if each.instance.id not in kept]


def why_it_waits(refresh: InstanceRefresh, state: InstanceState) -> str | None:
    """An instance that is not to be touched is waited for: an hour on AWS."""
    if state.protected_from_scale_in and refresh.preferences["ScaleInProtectedInstances"] == "Wait":
        return f"{state.instance.id} is protected. Remove instance scale-in protection to continue."
    if state.lifecycle_state == "Standby" and refresh.preferences["StandbyInstances"] == "Wait":
        return f"{state.instance.id} is in Standby. Return it to service to continue."
    return None


def batch_size(refresh: InstanceRefresh) -> int:
    """What is between the healthy percentages of the capacity that is wanted; never none."""
    wanted, preferences = instances_wanted(refresh.group), refresh.preferences
    least = math.ceil(wanted * preferences["MinHealthyPercentage"] / 100)
    most = wanted * preferences.get("MaxHealthyPercentage", 100) // 100
    return max(1, most - least)


def replace(refresh: InstanceRefresh, states: list[InstanceState]) -> tuple[list[InstanceState], str | None]:
    """The new instances, and why they are none or not healthy. New ones first where none may be missing."""
    group = refresh.group
    wanted = missing(group, leaving=sum(each.lifecycle_state == "InService" for each in states))
    launch_first = refresh.preferences["MinHealthyPercentage"] == 100
    if not launch_first:
        _terminate(group, states)
    try:
        started = launch(group, wanted) if wanted else []
    except LaunchFailed as error:
        return [], str(error)
    failure = _sickness(refresh, started)
    if launch_first and not failure:
        _terminate(group, states)
    tell_load_balancers(group)
    return started, failure


def _sickness(refresh: InstanceRefresh, started: list[InstanceState]) -> str | None:
    """Why some of them never become healthy."""
    failure = None
    for each in started:
        reason = pace.unhealthy_images.get(each.instance.image_id)
        if reason is None and refresh.doom and refresh.status == "InProgress":
            reason = refresh.doom if refresh.spared == 0 else None
            refresh.spared = max(0, refresh.spared - 1)
        if reason is not None:
            each.health_status = "Unhealthy"
            failure = f"{each.instance.id}: {reason}"
    return failure


def _terminate(group: FakeAutoScalingGroup, states: list[InstanceState]) -> None:
    group.instance_states = [each for each in group.instance_states if each not in states]
    for each in states:
        Ec2State.instances.begin(each.instance, "shutting-down")
