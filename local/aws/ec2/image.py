"""An image as EC2 keeps it, and as DescribeImages shows it."""

from dataclasses import dataclass, field
from datetime import datetime, timezone

from moto.ec2.models.amis import Ami
from moto.ec2.utils import random_ami_id

from aws.ec2.snapshot import Disk, ImageSnapshot, wire_tags


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
        self.deprecation_time: datetime | None = None
        self.deregistration_protection = "disabled"
        self.cooldown_until: datetime | None = None

    @property
    def snapshots(self) -> list[ImageSnapshot]:
        return [disk.snapshot for disk in self.disks if disk.snapshot is not None]

    @property
    def tags(self) -> dict[str, str]:
        return dict(self.ec2_backend.tags.get(self.id, {}))

    @property
    def is_deprecated(self) -> bool:
        return self.deprecation_time is not None and self.deprecation_time <= datetime.now(timezone.utc)

    @property
    def is_protected(self) -> bool:
        """Also for a day after its protection with a cooldown was disabled."""
        cooling = self.cooldown_until is not None and datetime.now(timezone.utc) < self.cooldown_until
        return cooling or self.deregistration_protection != "disabled"

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
            "DeprecationTime": self.deprecation_time,
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
