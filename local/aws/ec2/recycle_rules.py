"""Retention rules of the Recycle Bin.

https://docs.aws.amazon.com/ebs/latest/userguide/recycle-bin-concepts.html: a rule with resource tags retains what has
one of them (without a value: whatever its value), one without all of the region but what has an exclusion tag; the
rule with the longest period takes precedence. A region's first rule takes a while to act on AWS, here none.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from aws.ec2.region import Region, Resource, Retained, region_of

IN_BIN = "aws:recycle-bin:resource-in-bin"
IMAGE, SNAPSHOT = "EC2_IMAGE", "EBS_SNAPSHOT"
Tag = tuple[str, str | None]


@dataclass
class RetentionRule:
    kind: str
    days: int
    tags: list[Tag] = field(default_factory=list)
    excluded: list[Tag] = field(default_factory=list)

    def retains(self, kind: str, tags: dict[str, str]) -> bool:
        if self.kind != kind or _any_of(self.excluded, tags):
            return False
        return not self.tags or _any_of(self.tags, tags)


def _any_of(wanted: list[Tag], tags: dict[str, str]) -> bool:
    return any(key in tags and value in (None, "", tags[key]) for key, value in wanted)


def recycle(backend, kind: str, resource: Resource, bin: dict[str, Retained[Resource]]) -> None:
    """Puts what was just deleted into the bin if a rule retains it; else it is gone, and its tags with it."""
    tags = backend.tags.get(resource.id, {})
    days = [rule.days for rule in region_of(backend).rules.values() if rule.retains(kind, tags)]
    if not days:
        backend.tags.pop(resource.id, None)
        return
    now = datetime.now(timezone.utc)
    bin[resource.id] = Retained(resource, now, now + timedelta(days=max(days)))
    backend.tags[resource.id][IN_BIN] = "true"


def take_out(backend, resource_id: str, bin: dict[str, Retained[Resource]]) -> Resource:
    """What is restored, without the bin's tag and with all of its own."""
    backend.tags[resource_id].pop(IN_BIN, None)
    return bin.pop(resource_id).resource


def expire(backend, now: datetime) -> None:
    """Deletes for good what was in the bin for its time."""
    here = region_of(backend)
    for bin in (here.binned_images, here.binned_snapshots):
        for each in [each for each, retained in bin.items() if retained.exits <= now]:
            del bin[each]
            backend.tags.pop(each, None)


def in_bin(backend) -> Region:
    """The region, with what has run out gone."""
    expire(backend, datetime.now(timezone.utc))
    return region_of(backend)
