"""The token buckets with which AWS throttles an account, and how a test tightens them.

EC2's are documented per action, as size and refill a second:
https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html. A bucket starts full.
"""

import time

from aws.calls import Call

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
    """Buckets by service and action; EC2's own unless a test sets others."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._buckets = {key: Bucket(*bucket) for key, bucket in EC2_BUCKETS.items()}

    def set(self, service: str, action: str, size: float | None, refill: float | None) -> None:
        """Sets one bucket; without a size there is no limit."""
        if size is None or refill is None:
            self._buckets.pop((service, action), None)
        else:
            self._buckets[(service, action)] = Bucket(size, refill)

    def allow(self, call: Call) -> bool:
        bucket = self._buckets.get((call.service, call.action))
        return bucket is None or bucket.take()

    def view(self) -> list[dict]:
        return [
            {"service": service, "action": action, "size": bucket.size, "refill": bucket.refill}
            for (service, action), bucket in self._buckets.items()
        ]
