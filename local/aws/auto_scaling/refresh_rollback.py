"""How an instance refresh is rolled back, by itself or when told.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-rollback.html: to the configuration that the
group has saved; where that does not launch either, the rollback fails.
"""

from aws.auto_scaling.capacity import missing
from aws.auto_scaling.instance_refresh import InstanceRefresh, now
from aws.auto_scaling.refresh_pace import BEGIN, WORK, Step, pace
from aws.auto_scaling.replacements import batch_size, new_instances, replace


def roll_back(refresh: InstanceRefresh, reason: str) -> None:
    refresh.rollback = {
        "RollbackReason": reason,
        "RollbackStartTime": now(),
        "PercentageCompleteOnRollback": refresh.percent,
        "InstancesToUpdateOnRollback": refresh.to_update,
    }
    refresh.status, refresh.reason = "RollbackInProgress", reason
    pace.announce(refresh, "Rollback Started")
    pace.later(refresh, BEGIN, _go_back)


def _go_back(refresh: InstanceRefresh) -> None:
    """What was replaced is replaced by the group's own configuration, and what is missing is started from it."""
    left, total = new_instances(refresh), max(1, refresh.total)
    refresh.percent = min(refresh.percent, 100 * len(left) // total)
    refresh.to_update = max(0, refresh.total - len(left))
    if not left and not missing(refresh.group):
        refresh.end("RollbackSuccessful", refresh.reason)
        pace.announce(refresh, "Rollback Succeeded")
        return
    batch = left[: batch_size(refresh)]
    started, failure = replace(refresh, batch)
    refresh.back |= {each.instance.id for each in started}
    share = WORK * max(1, len(batch)) / total
    pace.later(refresh, share, _fail_back(failure) if failure else _go_back)


def _fail_back(failure: str) -> Step:
    def fail(refresh: InstanceRefresh) -> None:
        refresh.end("RollbackFailed", f"Failed to roll back: {failure}")
        pace.announce(refresh, "Rollback Failed")

    return fail
