"""The volumes that an instance starts with: its image's, as the call overrides them.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-device-mapping-concepts.html. moto gives every instance one
volume, /dev/sda1, whatever devices its image has.
"""

import contextvars
from collections.abc import Iterator
from contextlib import contextmanager

from moto.ec2.models.elastic_block_store import VolumeAttachment
from moto.ec2.models.instances import Instance

from aws.ec2.errors import ec2_error
from aws.ec2.snapshot import Disk

_overrides: contextvars.ContextVar[dict[str, dict]] = contextvars.ContextVar("amity_overrides", default={})


@contextmanager
def overridden(mappings: list[dict]) -> Iterator[None]:
    """Instances that are started within have their disks as the mappings say."""
    token = _overrides.set({each["DeviceName"]: each for each in mappings})
    try:
        yield
    finally:
        _overrides.reset(token)


def check_overrides(disks: list[Disk], mappings: list[dict]) -> None:
    """What EC2 refuses before it starts anything."""
    sizes = {disk.device: disk for disk in disks}
    for mapping in mappings:
        ebs, disk = mapping.get("Ebs", {}), sizes.get(mapping.get("DeviceName"))
        if not mapping.get("DeviceName"):
            raise ec2_error("MissingParameter", "The request must contain the parameter deviceName")
        if ebs.get("KmsKeyId") and not ebs.get("Encrypted"):
            message = "The parameter KmsKeyId requires the parameter Encrypted to be set."
            raise ec2_error("InvalidParameterDependency", message)
        size = ebs.get("VolumeSize")
        if disk is None and not size and not ebs.get("SnapshotId") and "NoDevice" not in mapping:
            raise ec2_error("MissingParameter", "The request must contain the parameter size or snapshotId")
        if disk is not None and size is not None and int(size) < disk.volume_size:
            snapshot = disk.snapshot.id if disk.snapshot else "of the image"
            raise ec2_error(
                "InvalidBlockDeviceMapping",
                f"Volume of size {size}GB is smaller than snapshot '{snapshot}', expect size >= {disk.volume_size}GB",
            )


def attach_disks_of_image() -> None:
    """Also lets DescribeVolumes show which volumes go with their instance."""
    Instance.setup_defaults = _set_up
    VolumeAttachment.delete_on_termination = property(_goes_with_instance)


def _goes_with_instance(attachment: VolumeAttachment) -> bool:
    held = attachment.instance.block_device_mapping.get(attachment.device)
    return held is not None and bool(held.delete_on_termination)


def _set_up(instance: Instance) -> None:
    overrides = dict(_overrides.get())
    for disk in instance.ec2_backend.amis[instance.image_id].disks:
        _attach(instance, disk, overrides.pop(disk.device, {}))
    for device, mapping in overrides.items():
        _attach(instance, Disk(device, 0, "gp3", False, False), mapping)


def _attach(instance: Instance, disk: Disk, mapping: dict) -> None:
    """An encrypted snapshot's volume is encrypted whatever the call says."""
    backend, ebs = instance.ec2_backend, mapping.get("Ebs", {})
    if "NoDevice" in mapping:
        return
    encrypted = disk.encrypted or bool(ebs.get("Encrypted"))
    volume = backend.create_volume(
        int(ebs.get("VolumeSize") or disk.volume_size) or None,
        instance.availability_zone,
        snapshot_id=None if disk.volume_size else ebs.get("SnapshotId"),
        encrypted=encrypted,
        kms_key_id=ebs.get("KmsKeyId") or (disk.snapshot and disk.snapshot.kms_key_id if encrypted else None),
        volume_type=ebs.get("VolumeType") or disk.volume_type,
        iops=ebs.get("Iops"),
        throughput=ebs.get("Throughput"),
    )
    delete = ebs.get("DeleteOnTermination", disk.delete_on_termination)
    backend.attach_volume(volume.id, instance.id, disk.device, delete)
