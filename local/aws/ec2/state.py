"""What the EC2 rules share: the lifecycle, the snapshot quotas, and which images of a region are known."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from moto.ec2.models import ec2_backends
from moto.ec2.models.security_groups import SecurityGroup

from aws.ec2.errors import check_id, ec2_error, image_not_found, image_unavailable, snapshot_not_found
from aws.ec2.image import Image
from aws.ec2.instance_states import InstanceStates
from aws.ec2.lifecycle import Lifecycle
from aws.ec2.region import region_of
from aws.ec2.snapshot import ImageSnapshot, Snapshot
from aws.settings import ACCOUNT

if TYPE_CHECKING:
    from aws.ec2.builder import Builders


@dataclass
class SnapshotQuotas:
    """EBS's quotas on what is pending at once, and how soon one volume may be snapshot again; none is no limit.

    https://docs.aws.amazon.com/ebs/latest/userguide/ebs-resource-quotas.html. The 15 seconds that AWS asks for
    between two snapshots of a volume are off unless a test sets them: they would make every run slow.
    """

    pending: int | None = 100
    pending_per_volume: int | None = 5
    seconds_between: float | None = None

    def check(self, snapshots: list[ImageSnapshot], volume_ids: list[str]) -> None:
        pending = [each for each in snapshots if each.status == "pending"]
        for volume_id in volume_ids:
            if self.seconds_between is not None and _recent(snapshots, volume_id, self.seconds_between):
                raise ec2_error(
                    "SnapshotCreationPerVolumeRateExceeded",
                    "The maximum per volume CreateSnapshot request rate has been exceeded. Use an increasing or "
                    "variable sleep interval between requests.",
                )
            of_volume = sum(each.volume_id == volume_id for each in pending)
            if self.pending_per_volume is not None and of_volume >= self.pending_per_volume:
                message = "Maximum allowed in-progress snapshots for a single volume exceeded."
                raise ec2_error("ConcurrentSnapshotLimitExceeded", message)
        if self.pending is not None and len(pending) + len(volume_ids) > self.pending:
            message = "The maximum number of pending snapshots has been reached."
            raise ec2_error("PendingSnapshotLimitExceeded", message)


def _recent(snapshots: list[ImageSnapshot], volume_id: str, seconds: float) -> bool:
    now = time.time()
    return any(each.volume_id == volume_id and now - each.start_time.timestamp() < seconds for each in snapshots)


class Ec2State:
    """One for the whole run; set by the server before the first call."""

    lifecycle: Lifecycle
    builders: "Builders"
    instances = InstanceStates()
    quotas = SnapshotQuotas()


def backend_of(region: str):
    return ec2_backends[ACCOUNT][region]


def find_image(backend, image_id: str, in_bin: bool = False) -> Image:
    """The image of an id, or EC2's error: unknown, or deregistered and no longer available."""
    if image_id in backend.amis:
        return backend.amis[image_id]
    retained = region_of(backend).binned_images.get(image_id) if in_bin else None
    if retained is not None:
        return retained.resource
    raise image_unavailable(image_id) if image_id in backend.deleted_amis else image_not_found([image_id])


def own_image(backend, image_id: str, in_bin: bool = False) -> Image:
    """The same for an action that only an image's owner may take."""
    image = find_image(backend, image_id, in_bin)
    if image.owner_id != backend.account_id:
        raise ec2_error("AuthFailure", "Not authorized for image:" + image_id)
    return image


def own_snapshot(backend, snapshot_id: str, in_bin: bool = False) -> Snapshot:
    retained = region_of(backend).binned_snapshots.get(snapshot_id) if in_bin else None
    snapshot = retained.resource if retained is not None else backend.snapshots.get(snapshot_id)
    if snapshot is None:
        raise snapshot_not_found(snapshot_id)
    return snapshot


def find_group(backend, group_id: str) -> SecurityGroup:
    check_id(group_id, "sg", "InvalidGroupId.Malformed")
    group = backend.get_security_group_from_id(group_id)
    if group is None:
        raise ec2_error("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist")
    return group


def check_name_free(backend, name: str) -> None:
    """A name is held, per account and region, by an image in any state until that image is deregistered."""
    for image in backend.amis.values():
        if image.name == name and image.owner_id == backend.account_id:
            message = f"AMI name {name} is already in use by AMI {image.id}"
            raise ec2_error("InvalidAMIName.Duplicate", message)
