"""A snapshot of an image's disk as EC2 keeps it, and as DescribeSnapshots shows it."""

from dataclasses import dataclass
from datetime import datetime, timezone

from moto.ec2.models.elastic_block_store import Snapshot
from moto.ec2.utils import random_snapshot_id


GIB = 1024**3


@dataclass
class Disk:
    """A device of an image; `snapshot` is none for one that is only a mapping."""

    device: str
    volume_size: int
    volume_type: str
    delete_on_termination: bool
    encrypted: bool
    snapshot: "ImageSnapshot | None" = None


class ImageSnapshot(Snapshot):
    """A snapshot that has a life of its own: pending, then completed or error."""

    progress = "0%"
    status_message = ""
    full_bytes: int | None = None

    def finish(self, status: str, message: str = "") -> None:
        self.status, self.status_message = status, message
        self.progress = "100%" if status == "completed" else ""

    def wire(self) -> dict:
        found = {
            "SnapshotId": self.id,
            "VolumeId": self.volume_id,
            "State": self.status,
            "StartTime": self.start_time,
            "Progress": self.progress,
            "OwnerId": self.owner_id,
            "Description": self.description,
            "VolumeSize": self.volume_size,
            "FullSnapshotSizeInBytes": self.full_bytes,
            "Encrypted": self.encrypted,
            "KmsKeyId": self.kms_key_id,
            "StorageTier": self.storage_tier,
            "Tags": wire_tags(self.ec2_backend, self.id),
        }
        return {**found, "StateMessage": self.status_message} if self.status_message else found


def wire_tags(backend, resource_id: str) -> list[dict]:
    return [{"Key": key, "Value": value} for key, value in backend.tags.get(resource_id, {}).items()]


def take_snapshot(backend, volume, description: str, image_id: str | None) -> ImageSnapshot:
    """A pending snapshot of a volume, known to EC2 from now on."""
    snapshot = ImageSnapshot(backend, random_snapshot_id(), volume, description, volume.encrypted, from_ami=image_id)
    snapshot.status, snapshot.start_time = "pending", datetime.now(timezone.utc)
    snapshot.full_bytes, snapshot.kms_key_id = volume.size * GIB, volume.kms_key_id if volume.encrypted else None
    backend.snapshots[snapshot.id] = snapshot
    return snapshot
