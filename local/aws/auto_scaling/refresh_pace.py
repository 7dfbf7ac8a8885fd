"""How fast instance refreshes go, how they fail, and whether they are announced: what a test or the demo switches."""

import asyncio
from collections.abc import Callable

from aws.auto_scaling.instance_refresh import InstanceRefresh
from aws.aws_events import put_aws_event
from aws.wildcards import matches

DEFAULT_SECONDS = 2.0
# Shares of the time of a whole refresh: to begin, for all its instances, until one that is waited for is seen again.
BEGIN, WORK, WAIT = 0.1, 0.9, 0.5
Step = Callable[[InstanceRefresh], None]


class RefreshPace:
    def __init__(self) -> None:
        self._timers: dict[str, asyncio.TimerHandle] = {}
        # The next steps of those that stand still.
        self._held: dict[str, Callable[[], None]] = {}
        self.seconds: float | None = DEFAULT_SECONDS
        self.reset()

    def reset(self) -> None:
        # How long each checkpoint and bake takes; none: as long as its preferences say.
        self.pause_seconds: float | None = None
        self.announces = True
        # By the group's name, with wildcards: the reason, and how many instances become healthy first.
        self.failures: dict[str, tuple[str, int]] = {}
        self.unhealthy_images: dict[str, str] = {}
        self.set_seconds(DEFAULT_SECONDS)

    def set_seconds(self, seconds: float | None) -> None:
        """How long a whole refresh takes, from now on; none: it stands still, until this is set again."""
        self.seconds = seconds
        held = list(self._held.values()) if seconds is not None else []
        for go_on in held:
            go_on()

    def next_failure(self, group_name: str) -> tuple[str | None, int]:
        """The failure that waits for a group's next refresh, once."""
        for name in self.failures:
            if matches(name, group_name):
                return self.failures.pop(name)
        return None, 0

    def later(self, refresh: InstanceRefresh, share: float, step: Step) -> None:
        """Takes the next step after a share of the time of a whole refresh."""
        self.stop(refresh)
        if self.seconds is None:
            self._held[refresh.id] = lambda: self.later(refresh, share, step)
        else:
            self._wait(refresh, share * self.seconds, step)

    def pause(self, refresh: InstanceRefresh, seconds: float, step: Step) -> None:
        self.stop(refresh)
        self._wait(refresh, seconds if self.pause_seconds is None else self.pause_seconds, step)

    def soon(self, refresh: InstanceRefresh, share: float, step: Step) -> None:
        """As `later`, but also while refreshes stand still."""
        self.stop(refresh)
        self._wait(refresh, share * (self.seconds or 0), step)

    def stop(self, refresh: InstanceRefresh) -> None:
        self._held.pop(refresh.id, None)
        timer = self._timers.pop(refresh.id, None)
        if timer is not None:
            timer.cancel()

    def announce(self, refresh: InstanceRefresh, what: str, **more: str) -> None:
        """https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-eventbridge-events.html"""
        if self.announces:
            group = refresh.group
            detail = {"InstanceRefreshId": refresh.id, "AutoScalingGroupName": group.name, **more}
            detail_type = f"EC2 Auto Scaling Instance Refresh {what}"
            put_aws_event("aws.autoscaling", detail_type, detail, [group.arn], group.region)

    def _wait(self, refresh: InstanceRefresh, seconds: float, step: Step) -> None:
        def take_step() -> None:
            self._timers.pop(refresh.id, None)
            group = refresh.group
            # A group can be gone, by a reset too.
            if group.autoscaling_backend.autoscaling_groups.get(group.name) is group:
                step(refresh)

        self._timers[refresh.id] = asyncio.get_running_loop().call_later(seconds, take_step)


pace = RefreshPace()
