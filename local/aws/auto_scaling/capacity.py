"""How many instances a group has.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-mixed-instances-groups-instance-weighting.html
An override's instances can count for several units each. moto starts none for half a spot instance, and takes away in
no order.
"""

import math

from moto.autoscaling.models import FakeAutoScalingGroup

from aws.auto_scaling.launches import LaunchFailed, launch, launches_from


def install() -> None:
    FakeAutoScalingGroup.set_desired_capacity = set_desired_capacity
    FakeAutoScalingGroup.replace_autoscaling_group_instances = lambda group, count, _: _start_if_possible(group, count)


def set_desired_capacity(group: FakeAutoScalingGroup, capacity: int | None) -> None:
    group.desired_capacity = group.min_size if capacity is None else capacity
    _start_if_possible(group, missing(group))
    surplus = max(0, -_difference(group))
    leaving = [each for each in group.instance_states if not each.protected_from_scale_in][:surplus]
    if leaving:
        group.ec2_backend.terminate_instances([each.instance.id for each in leaving])
    group.instance_states = [each for each in group.instance_states if each not in leaving]
    tell_load_balancers(group)


def missing(group: FakeAutoScalingGroup, leaving: int = 0) -> int:
    """How many instances are to be started, when some of those in service leave."""
    return max(0, _difference(group) + leaving)


def tell_load_balancers(group: FakeAutoScalingGroup) -> None:
    backend = group.autoscaling_backend
    if group.name in backend.autoscaling_groups:
        backend.update_attached_elbs(group.name)
        backend.update_attached_target_groups(group.name)


def instances_wanted(group: FakeAutoScalingGroup) -> int:
    """Of the first override, from which moto starts all."""
    templates = (launches_from(group).get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
    weight = next((each.get("WeightedCapacity") for each in templates.get("Overrides", [])), None)
    return math.ceil((group.desired_capacity or 0) / int(weight or 1))


def _difference(group: FakeAutoScalingGroup) -> int:
    return instances_wanted(group) - len(group.active_instances())


def _start_if_possible(group: FakeAutoScalingGroup, count: int) -> None:
    """A group that cannot launch has less than it wants, and its caller no error."""
    try:
        if count:
            launch(group, count)
    except LaunchFailed:
        pass
