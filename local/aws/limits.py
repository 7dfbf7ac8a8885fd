"""The token buckets with which AWS throttles an account, and how a test tightens them.

EC2's are documented per action, as size and refill a second:
https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html. A bucket starts full.
"""

import time

from aws.calls import Call
from ministack.core.responses import get_region

# (service, action) -> (size, refill a second)
EC2_BUCKETS: dict[tuple[str, str], tuple[float, float]] = {
    ("ec2", "CreateImage"): (50, 5),
    ("ec2", "CopyImage"): (100, 1),
    ("ec2", "DeregisterImage"): (100, 5),
    ("ec2", "DeleteSnapshot"): (100, 5),
    ("ec2", "DescribeImages"): (100, 20),
    ("ec2", "DescribeImageReferences"): (100, 20),
    ("ec2", "DescribeInstances"): (100, 20),
    ("ec2", "DescribeSnapshots"): (100, 20),
}


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
    """Buckets by service and action, in each region its own; EC2's documented ones unless a test sets others."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._sizes = dict(EC2_BUCKETS)
        self._buckets: dict[tuple[str, str, str], Bucket] = {}

    def set(self, service: str, action: str, size: float | None, refill: float | None) -> None:
        """Sets one bucket, full; without a size there is no limit."""
        for key in [key for key in self._buckets if key[:2] == (service, action)]:
            del self._buckets[key]
        if size is None or refill is None:
            self._sizes.pop((service, action), None)
        else:
            self._sizes[(service, action)] = size, refill

    def allow(self, call: Call) -> bool:
        size = self._sizes.get((call.service, call.action))
        if size is None:
            return True
        key = (call.service, call.action, get_region())
        if key not in self._buckets:
            self._buckets[key] = Bucket(*size)
        return self._buckets[key].take()

    def view(self) -> list[dict]:
        return [
            {"service": service, "action": action, "size": size, "refill": refill}
            for (service, action), (size, refill) in self._sizes.items()
        ]
