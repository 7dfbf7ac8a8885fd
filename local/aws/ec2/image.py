"""An image and its snapshots as EC2 keeps them, and as DescribeImages and DescribeSnapshots show them."""

from dataclasses import dataclass, field
from datetime import datetime, timezone

from moto.ec2.models.amis import Ami
from moto.ec2.models.elastic_block_store import Snapshot
from moto.ec2.utils import random_ami_id, random_snapshot_id


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
            "Encrypted": self.encrypted,
            "StorageTier": self.storage_tier,
            "Tags": wire_tags(self.ec2_backend, self.id),
        }
        return {**found, "StateMessage": self.status_message} if self.status_message else found


@dataclass
class Origin:
    """Where an image comes from, and what it inherits from there."""

    architecture: str = "x86_64"
    root_device_name: str = "/dev/xvda"
    platform_details: str = "Linux/UNIX"
    instance_id: str | None = None
    source_image_id: str | None = None
    source_image_region: str | None = None
    owner_id: str | None = None
    owner_alias: str | None = None
    public: bool = False
    disks: list[Disk] = field(default_factory=list)


class Image(Ami):
    """Kept where moto keeps its own, whose constructor knows only images that are available at once."""

    def __init__(self, backend, name: str, description: str, origin: Origin, created: datetime | None = None) -> None:
        self.ec2_backend, self.id = backend, random_ami_id()
        self.name, self.description = name, description
        self.owner_id = origin.owner_id or backend.account_id
        self.owner_alias = origin.owner_alias
        self.origin, self.disks = origin, origin.disks
        self.instance_id = origin.instance_id
        self.state, self.state_reason = "pending", None
        self.creation_date = created or datetime.now(timezone.utc)
        self.hidden_until = 0.0
        self.announces = True
        self.timer = None
        self.launch_permissions = [{"Group": "all"}] if origin.public else []
        self.architecture, self.root_device_name = origin.architecture, origin.root_device_name
        self.virtualization_type, self.root_device_type, self.hypervisor = "hvm", "ebs", "xen"
        self.image_type, self.platform, self.kernel_id = "machine", None, None
        self.sriov, self.boot_mode, self.product_codes = "simple", "uefi-preferred", set()
        self.deregistration_protection = "disabled"

    @property
    def snapshots(self) -> list[ImageSnapshot]:
        return [disk.snapshot for disk in self.disks if disk.snapshot is not None]

    @property
    def tags(self) -> dict[str, str]:
        return dict(self.ec2_backend.tags.get(self.id, {}))

    def wire(self) -> dict:
        """As DescribeImages shows it. A pending image does not yet show its snapshots' ids: do not count on them."""
        found = {
            "ImageId": self.id,
            "Name": self.name,
            "Description": self.description or None,
            "ImageLocation": f"{self.owner_id}/{self.name}",
            "ImageOwnerAlias": self.owner_alias,
            "OwnerId": self.owner_id,
            "State": self.state,
            "Public": self.is_public,
            "Architecture": self.architecture,
            "ImageType": self.image_type,
            "RootDeviceName": self.root_device_name,
            "RootDeviceType": self.root_device_type,
            "VirtualizationType": self.virtualization_type,
            "Hypervisor": self.hypervisor,
            "EnaSupport": True,
            "SriovNetSupport": self.sriov,
            "PlatformDetails": self.origin.platform_details,
            "UsageOperation": "RunInstances",
            "BootMode": self.boot_mode,
            "CreationDate": self.creation_date,
            "SourceInstanceId": self.instance_id,
            "SourceImageId": self.origin.source_image_id,
            "SourceImageRegion": self.origin.source_image_region,
            "DeregistrationProtection": self.deregistration_protection,
            "BlockDeviceMappings": [self._mapping(disk) for disk in self.disks],
            "StateReason": self.state_reason,
        }
        tags = wire_tags(self.ec2_backend, self.id)
        return {name: value for name, value in {**found, "Tags": tags or None}.items() if value is not None}

    def _mapping(self, disk: Disk) -> dict:
        ebs = {
            "DeleteOnTermination": disk.delete_on_termination,
            "VolumeSize": disk.volume_size,
            "VolumeType": disk.volume_type,
            "Encrypted": disk.encrypted,
        }
        if disk.snapshot is not None and self.state != "pending":
            ebs["SnapshotId"] = disk.snapshot.id
        return {"DeviceName": disk.device, "Ebs": ebs}


def wire_tags(backend, resource_id: str) -> list[dict]:
    return [{"Key": key, "Value": value} for key, value in backend.tags.get(resource_id, {}).items()]


def take_snapshot(backend, volume, description: str, image_id: str) -> ImageSnapshot:
    """A pending snapshot of a volume, known to EC2 from now on."""
    snapshot = ImageSnapshot(backend, random_snapshot_id(), volume, description, volume.encrypted, from_ami=image_id)
    snapshot.status, snapshot.start_time = "pending", datetime.now(timezone.utc)
    backend.snapshots[snapshot.id] = snapshot
    return snapshot
