"""What a region keeps besides what moto keeps: its Recycle Bin, uses of images, the answers to client tokens."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from aws.ec2.errors import ec2_error
from aws.ec2.image import Image
from aws.ec2.snapshot import Snapshot

Resource = TypeVar("Resource", Image, Snapshot)


@dataclass
class Retained(Generic[Resource]):
    """A deleted resource in the Recycle Bin, until `exits`."""

    resource: Resource
    entered: datetime
    exits: datetime


@dataclass
class Recipe:
    """An Image Builder recipe that is based on an image."""

    kind: str
    image_id: str
    arn: str


@dataclass
class Region:
    # aws.ec2.recycle_rules.RetentionRule by its ARN.
    rules: dict[str, object] = field(default_factory=dict)
    binned_images: dict[str, Retained[Image]] = field(default_factory=dict)
    binned_snapshots: dict[str, Retained[Snapshot]] = field(default_factory=dict)
    recipes: list[Recipe] = field(default_factory=list)
    # Of other accounts, by image: how many resources of a type an account has that use it.
    usage: dict[str, dict[tuple[str, str], int]] = field(default_factory=dict)
    # aws.ec2.usage_reports.Report by its id.
    reports: dict[str, object] = field(default_factory=dict)
    tokens: dict[tuple[str, str], tuple[object, str]] = field(default_factory=dict)

    def clear(self) -> None:
        """Forgets all but what was deployed."""
        for each in (self.binned_images, self.binned_snapshots, self.recipes):
            each.clear()
        for each in (self.usage, self.reports, self.tokens):
            each.clear()

    def made_before(self, action: str, token: str | None, request: object) -> str | None:
        """What a call with this client token made before; the same token with another request is refused."""
        before, made = self.tokens.get((action, token or ""), (None, None))
        if before is not None and before != request:
            message = "The request uses the same client token as a previous, but non-identical request."
            raise ec2_error("IdempotentParameterMismatch", message)
        return made

    def remember(self, action: str, token: str | None, request: object, made: str) -> None:
        if token:
            self.tokens[(action, token)] = request, made


def region_of(backend) -> Region:
    """The region of one of moto's backends."""
    if "amity_region" not in backend.__dict__:
        backend.amity_region = Region()
    return backend.amity_region
