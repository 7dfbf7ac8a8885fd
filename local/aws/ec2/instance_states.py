"""How an instance goes from one state to the next, and the event that EC2 sends at each.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html and
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html. moto's instances change
their state at once and tell nobody.
"""

import asyncio
import time
from collections.abc import Callable

from moto.ec2.models.instances import Instance, InstanceState

from aws.aws_events import put_aws_event

CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}
NEXT = {"pending": "running", "stopping": "stopped", "shutting-down": "terminated"}
DEFAULT_SECONDS = 0.3


class InstanceStates:
    def __init__(self) -> None:
        # Told of each instance that has entered a state.
        self.listeners: list[Callable[[Instance, str], None]] = []
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self.reset()

    def reset(self) -> None:
        # How long an instance is in a state that another one follows; none is until a test changes it.
        self.seconds: float | None = DEFAULT_SECONDS

    def begin(self, instance: Instance, state: str) -> None:
        """Puts an instance into a passing state, which the next one follows."""
        self.put(instance, state)
        if self.seconds is not None:
            loop = asyncio.get_running_loop()
            self._timers[instance.id] = loop.call_later(self.seconds, self.put, instance, NEXT[state])

    def put(self, instance: Instance, state: str) -> None:
        """Puts an instance into a state as if EC2 had."""
        self.stop(instance)
        if state == "running":
            instance.running_since = time.time()
        enter(instance, state)
        region = instance.ec2_backend.region_name
        arn = f"arn:aws:ec2:{region}:{instance.owner_id}:instance/{instance.id}"
        detail = {"instance-id": instance.id, "state": state}
        put_aws_event("aws.ec2", "EC2 Instance State-change Notification", detail, [arn], region)
        for tell in self.listeners:
            tell(instance, state)

    def stop(self, instance: Instance) -> None:
        timer = self._timers.pop(instance.id, None)
        if timer is not None:
            timer.cancel()

    def forget(self, instance: Instance) -> None:
        """For an instance that is to be no more, without a word of it but to those who play it."""
        self.stop(instance)
        for tell in self.listeners:
            tell(instance, "terminated")


def running_since(instance: Instance) -> float:
    """In seconds since the epoch; one that no call has started has run since ever."""
    return getattr(instance, "running_since", 0)


def enter(instance: Instance, state: str) -> None:
    """What changes with a state, in moto's terms: addresses, volumes, the reason."""
    if state in ("running", "stopped") and instance.state != state:
        (instance.start if state == "running" else instance.stop)()
    elif state == "terminated" and instance.state != state:
        instance.terminate()
    instance._state = InstanceState(state, CODES[state])
