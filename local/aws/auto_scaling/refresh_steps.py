"""The course of an instance refresh, step by step.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-overview.html and
https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-adding-checkpoints-instance-refresh.html. AWS tries for an
hour what does not work, and then fails; here once. Its words for a failure are not documented.
"""

import math

from moto.autoscaling.models import FakeAutoScalingGroup

from aws.auto_scaling.configurations import save
from aws.auto_scaling.instance_refresh import InstanceRefresh, active_refresh, now, refreshes_of
from aws.auto_scaling.refresh_pace import BEGIN, WAIT, WORK, Step, pace
from aws.auto_scaling.refresh_rollback import roll_back
from aws.auto_scaling.replacements import batch_size, choose_instances, old_instances, replace, why_it_waits


def start(refresh: InstanceRefresh) -> None:
    refresh.doom, refresh.spared = pace.next_failure(refresh.group.name)
    refreshes_of(refresh.group).insert(0, refresh)
    pace.soon(refresh, BEGIN, _begin)


def cancel(refresh: InstanceRefresh) -> None:
    """Nothing is undone."""
    refresh.status, refresh.reason = "Cancelling", None
    pace.soon(refresh, BEGIN, _cancelled)


def forget(group: FakeAutoScalingGroup) -> None:
    """For a group that is deleted."""
    refresh = active_refresh(group)
    if refresh:
        pace.stop(refresh)
        refresh.end("Cancelled", "The Auto Scaling group is being deleted.")


def _begin(refresh: InstanceRefresh) -> None:
    refresh.status, refresh.started = "InProgress", now()
    choose_instances(refresh)
    pace.announce(refresh, "Started")
    _count(refresh)
    pace.later(refresh, 0, _go_on)


def _count(refresh: InstanceRefresh) -> None:
    refresh.to_update = len(old_instances(refresh))
    refresh.percent = 100 * (refresh.total - refresh.to_update) // refresh.total if refresh.total else 100


def _go_on(refresh: InstanceRefresh) -> None:
    _count(refresh)
    refresh.reason = None
    checkpoints = refresh.preferences.get("CheckpointPercentages") or []
    passed = sum(each <= refresh.percent for each in checkpoints)
    reached = passed > refresh.checkpoints_passed
    refresh.checkpoints_passed = passed
    # The last one is no news when it is the end.
    if reached and checkpoints[passed - 1] < 100:
        delay = str(refresh.preferences["CheckpointDelay"])
        percentage = str(checkpoints[passed - 1])
        pace.announce(refresh, "Checkpoint Reached", CheckpointPercentage=percentage, CheckpointDelay=delay)
    if refresh.to_update == 0 or (checkpoints and passed == len(checkpoints)):
        _bake(refresh)
    elif reached:
        pace.pause(refresh, refresh.preferences["CheckpointDelay"], _go_on)
    else:
        _replace_some(refresh, checkpoints[passed] if checkpoints else 100)


def _replace_some(refresh: InstanceRefresh, until: int) -> None:
    """A batch, never past the next checkpoint."""
    left = old_instances(refresh)
    waiting = [reason for reason in (why_it_waits(refresh, each) for each in left) if reason]
    ready = [each for each in left if not why_it_waits(refresh, each)]
    if not ready:
        refresh.reason = f"Waiting for remaining instances to be available. For example: {waiting[0]}"
        pace.later(refresh, WAIT, _fail_for(refresh.reason) if refresh.waited else _go_on)
        refresh.waited = True
        return
    to_checkpoint = math.ceil(refresh.total * until / 100) - (refresh.total - len(left))
    batch = ready[: min(batch_size(refresh), max(1, to_checkpoint))]
    started, failure = replace(refresh, batch)
    if started:
        example = f"{started[0].instance.id} has insufficient data to evaluate its health with Amazon EC2."
        refresh.reason = f"Waiting for remaining instances to be available. For example: {example}"
    step = _fail_for(f"Failed to replace instances: {failure}") if failure else _go_on
    pace.later(refresh, WORK * len(batch) / refresh.total, step)


def _fail_for(reason: str) -> Step:
    def fail(refresh: InstanceRefresh) -> None:
        if refresh.preferences["AutoRollback"]:
            roll_back(refresh, reason)
        else:
            refresh.end("Failed", reason)
            pace.announce(refresh, "Failed")

    return fail


def _bake(refresh: InstanceRefresh) -> None:
    seconds = refresh.preferences.get("BakeTime", 0)
    if seconds == 0:
        _succeed(refresh)
        return
    refresh.status = "Baking"
    pace.announce(refresh, "Started Baking")
    pace.pause(refresh, seconds, _succeed)


def _succeed(refresh: InstanceRefresh) -> None:
    if refresh.desired:
        save(refresh.group, refresh.desired)
    refresh.end("Successful", None)
    pace.announce(refresh, "Succeeded")


def _cancelled(refresh: InstanceRefresh) -> None:
    refresh.end("Cancelled", "Cancelled due to user request.")
    pace.announce(refresh, "Cancelled")
