"""An instance refresh, as DescribeInstanceRefreshes shows it.

https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstanceRefresh.html.
"""

from dataclasses import dataclass, field
from datetime import datetime, timezone
from uuid import uuid4

from moto.autoscaling.models import FakeAutoScalingGroup

from aws.auto_scaling.configurations import Configuration

ACTIVE = {"Pending", "InProgress", "Baking", "Cancelling", "RollbackInProgress"}


@dataclass
class InstanceRefresh:
    group: FakeAutoScalingGroup
    # What StartInstanceRefresh named, if anything, with the templates' ids and names.
    desired: Configuration | None
    # With the service's defaults where the call said nothing.
    preferences: dict
    id: str = field(default_factory=lambda: str(uuid4()))
    status: str = "Pending"
    reason: str | None = None
    started: datetime | None = None
    ended: datetime | None = None
    rollback: dict | None = None
    # Ids: of all instances that the group had, of those of them to be replaced, and of those that a rollback started.
    before: set[str] = field(default_factory=set)
    old: set[str] = field(default_factory=set)
    back: set[str] = field(default_factory=set)
    total: int = 0
    percent: int = 0
    to_update: int = 0
    checkpoints_passed: int = 0
    waited: bool = False
    # Why the instances after the first `spared` never become healthy, as a test had it.
    doom: str | None = None
    spared: int = 0

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def launches_from(self) -> Configuration:
        """While it brings the group to its desired configuration, so is everything that the group launches."""
        back = self.status == "RollbackInProgress"
        return self.group.configuration if back or not self.desired else self.desired

    def end(self, status: str, reason: str | None) -> None:
        self.status, self.reason, self.ended = status, reason, now()

    def view(self) -> dict:
        return {
            "InstanceRefreshId": self.id,
            "AutoScalingGroupName": self.group.name,
            "Status": self.status,
            "StatusReason": self.reason,
            "StartTime": self.started,
            "EndTime": self.ended,
            "PercentageComplete": self.percent,
            "InstancesToUpdate": self.to_update,
            "Preferences": self.preferences,
            "DesiredConfiguration": self.desired,
            "RollbackDetails": self.rollback,
            "Strategy": "Rolling",
        }


def now() -> datetime:
    return datetime.now(timezone.utc)


def active_refresh(group: FakeAutoScalingGroup) -> InstanceRefresh | None:
    return next((each for each in refreshes_of(group) if each.is_active), None)


def refreshes_of(group: FakeAutoScalingGroup) -> list[InstanceRefresh]:
    """The newest first."""
    if "refreshes" not in group.__dict__:
        group.refreshes = []
    return group.refreshes
