"""How an image goes from pending to what it becomes, and the events that EC2 sends when it gets there.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitor-ami-events.html: events for available, failed,
deregistered and disabled, to the default bus, best effort.
"""

import asyncio
import time
from dataclasses import dataclass
from uuid import uuid4

from aws.aws_events import put_aws_event
from aws.calls import current_call
from aws.ec2.image import Image
from aws.faults import IMAGE, Faults
from aws.wildcards import matches

ANNOUNCED = {"available", "failed", "deregistered", "disabled"}


@dataclass
class PendingTime:
    """How long images of a name, or of an instance's id or Name, stay pending; none is for ever."""

    seconds: float | None
    image_name: str = "*"
    instance: str = "*"


class Lifecycle:
    def __init__(self, pending_seconds: float, faults: Faults) -> None:
        self.default = pending_seconds
        self.faults = faults
        self.reset()

    def reset(self) -> None:
        self.pending: list[PendingTime] = [PendingTime(self.default)]

    def begin(self, image: Image, instance_names: tuple[str, ...] = ()) -> None:
        """Starts the clock of a new image, under the faults that strike the call that made it."""
        seconds = self._seconds(image, instance_names)
        state, code, message = "available", "", ""
        call = current_call.get()
        for rule in self.faults.strike_all(call, IMAGE) if call else []:
            if rule.kind == "image-fails":
                state = rule.options.get("state", "failed")
                code = rule.options.get("code", "Client.InternalError")
                message = rule.options.get("message", "Client.InternalError: Client error on creation")
            elif rule.kind == "not-found-for":
                image.hidden_until = time.monotonic() + float(rule.options["seconds"])
            elif rule.kind == "pending-for":
                seconds = rule.options.get("seconds")
            else:
                image.announces = False
        if seconds is not None:
            loop = asyncio.get_running_loop()
            image.timer = loop.call_later(float(seconds), self.settle, image, state, code, message)

    def settle(self, image: Image, state: str, code: str = "", message: str = "") -> None:
        """Puts an image into a state, with its snapshots, and announces it."""
        self.stop(image)
        image.state = state
        image.state_reason = {"Code": code, "Message": message} if code or message else None
        for snapshot in image.snapshots:
            if state != "pending" and snapshot.status == "pending":
                snapshot.finish("completed" if state == "available" else "error", message)
        self.announce(image, state, message)

    def stop(self, image: Image) -> None:
        if image.timer is not None:
            image.timer.cancel()
            image.timer = None

    def announce(self, image: Image, state: str, message: str = "") -> None:
        if not image.announces or state not in ANNOUNCED:
            return
        region = image.ec2_backend.region_name
        detail = {"RequestId": str(uuid4()), "ImageId": image.id, "State": state, "ErrorMessage": message}
        put_aws_event("aws.ec2", "EC2 AMI State Change", detail, [f"arn:aws:ec2:{region}::image/{image.id}"], region)

    def _seconds(self, image: Image, instance_names: tuple[str, ...]) -> float | None:
        for rule in reversed(self.pending):
            by_instance = rule.instance == "*" or any(matches(rule.instance, name) for name in instance_names)
            if by_instance and matches(rule.image_name, image.name):
                return rule.seconds
        return self.default
