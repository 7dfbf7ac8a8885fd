"""The token buckets with which AWS throttles an account, and how a test tightens them.

EC2's are documented per action, as size and refill a second, by categories and by exceptions:
https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html. A bucket starts full.
"""

import time

from aws.calls import Call
from ministack.core.responses import get_region

Size = tuple[float, float]
READING: Size = (100, 20)
CHANGING: Size = (50, 5)
# Of these, calls with neither a page size nor a filter draw on a bucket of their own.
UNFILTERED: Size = (50, 10)
_UNFILTERED_ACTIONS = {"DescribeInstances", "DescribeSnapshots", "DescribeVolumes"}
_READING_PREFIXES = ("Describe", "List", "Search", "Get")
EC2_EXCEPTIONS: dict[str, Size] = {
    "CopyImage": (100, 1),
    "CreateLaunchTemplateVersion": (100, 5),
    "CreateSnapshot": (100, 5),
    "CreateTags": (100, 10),
    "DeleteSnapshot": (100, 5),
    "DeleteTags": (100, 10),
    "DeregisterImage": (100, 5),
    "ModifyImageAttribute": (100, 5),
    "ModifyLaunchTemplate": (100, 5),
    "RunInstances": (5, 2),
    "StartInstances": (5, 2),
    "TerminateInstances": (100, 5),
}


def documented_size(call: Call) -> tuple[str, Size | None]:
    """The name and the size of the bucket that a call draws on; no size is no limit."""
    if call.service != "ec2":
        return call.action, None
    if call.action in EC2_EXCEPTIONS:
        return call.action, EC2_EXCEPTIONS[call.action]
    if call.action in _UNFILTERED_ACTIONS and not _is_narrowed(call.params):
        return f"{call.action} unfiltered", UNFILTERED
    return call.action, READING if call.action.startswith(_READING_PREFIXES) else CHANGING


def _is_narrowed(params: dict) -> bool:
    return any(name in ("MaxResults", "NextToken") or name.startswith("Filter.") for name in params)


class Bucket:
    def __init__(self, size: float, refill: float) -> None:
        self.size, self.refill = size, refill
        self.tokens, self.at = size, time.monotonic()

    def take(self) -> bool:
        """Takes a token when there is one."""
        now = time.monotonic()
        self.tokens = min(self.size, self.tokens + (now - self.at) * self.refill)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Limits:
    """Buckets by service and action, in each region its own; the documented ones unless a test sets others."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._set: dict[tuple[str, str], Size | None] = {}
        self._buckets: dict[tuple[str, str, str], Bucket] = {}

    def set(self, service: str, action: str, size: float | None, refill: float | None) -> None:
        """Sets one bucket, full; without a size there is no limit."""
        for key in [key for key in self._buckets if key[:2] == (service, action)]:
            del self._buckets[key]
        self._set[(service, action)] = None if size is None or refill is None else (size, refill)

    def allow(self, call: Call) -> bool:
        name, size = documented_size(call)
        if (call.service, call.action) in self._set:
            name, size = call.action, self._set[(call.service, call.action)]
        if size is None:
            return True
        key = (call.service, name, get_region())
        if key not in self._buckets:
            self._buckets[key] = Bucket(*size)
        return self._buckets[key].take()
