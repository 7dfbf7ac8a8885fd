"""Images and snapshots that no API call makes: of any age, state and size. See control."""

from datetime import datetime, timedelta, timezone

from moto.autoscaling.models import autoscaling_backends

from aws.ec2.image import Image, Origin
from aws.ec2.image_attribute import check_permission
from aws.ec2.region import region_of
from aws.ec2.snapshot import Disk, ImageSnapshot, take_snapshot
from aws.ec2.state import Ec2State


def add_image(backend, wanted: dict) -> dict:
    """A finished image of any age and state, with `snapshots` snapshots (1) and nothing announced."""
    origin = Origin(
        architecture=wanted.get("architecture", "x86_64"),
        owner_id=wanted.get("ownerId"),
        instance_id=wanted.get("instanceId"),
        source_image_id=wanted.get("sourceImageId"),
        source_image_region=wanted.get("sourceImageRegion"),
        public=wanted.get("public", False),
    )
    image = Image(backend, wanted["name"], wanted.get("description", ""), origin, _ago(wanted))
    image.state = wanted.get("state", "available")
    image.state_reason = wanted.get("stateReason")
    for number in range(wanted.get("snapshots", 1)):
        snapshot = _finished_snapshot(backend, wanted, f"Created for {image.id}", image.id)
        device = "/dev/xvda" if number == 0 else f"/dev/sd{chr(ord('e') + number)}"
        image.disks.append(Disk(device, snapshot.volume_size, "gp3", True, False, snapshot))
    for other in wanted.get("shareSnapshotsOf", []):
        image.disks += backend.amis[other].disks
    backend.create_tags([image.id], wanted.get("tags", {}))
    backend.create_tags([each.id for each in image.snapshots], wanted.get("snapshotTags", wanted.get("tags", {})))
    backend.amis[image.id] = image
    _change(image, wanted)
    return view_image(image)


def change_image(backend, image_id: str, wanted: dict) -> dict:
    """Back-dates an image, or puts it into a state as if EC2 had, with the event that EC2 sends."""
    image = backend.amis[image_id]
    if "ageDays" in wanted:
        image.creation_date = _ago(wanted)
        for snapshot in image.snapshots:
            snapshot.start_time = image.creation_date
    _change(image, wanted)
    if "state" in wanted:
        reason = wanted.get("stateReason") or {}
        Ec2State.lifecycle.settle(image, wanted["state"], reason.get("Code", ""), reason.get("Message", ""))
    return view_image(image)


def _change(image: Image, wanted: dict) -> None:
    if "deregistrationProtection" in wanted:
        protected = wanted["deregistrationProtection"]
        image.deregistration_protection = "enabled-without-cooldown" if protected == "enabled" else protected
    if "deprecationTime" in wanted:
        at = wanted["deprecationTime"]
        image.deprecation_time = datetime.fromisoformat(at.replace("Z", "+00:00")) if at else None
    if "launchPermissions" in wanted:
        for each in wanted["launchPermissions"]:
            check_permission(each)
        image.launch_permissions = list(wanted["launchPermissions"])


def view_image(image: Image) -> dict:
    return {
        "imageId": image.id,
        "name": image.name,
        "state": image.state,
        "createdAt": image.creation_date.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "snapshotIds": [each.id for each in image.snapshots],
        "tags": image.tags,
    }


def own_images(backend) -> list[dict]:
    return [view_image(image) for image in backend.amis.values() if image.owner_id == backend.account_id]


def add_snapshot(backend, wanted: dict) -> dict:
    """A finished snapshot that belongs to no image."""
    snapshot = _finished_snapshot(backend, wanted, wanted.get("description", ""), None)
    backend.create_tags([snapshot.id], wanted.get("tags", {}))
    return {"snapshotId": snapshot.id, "volumeId": snapshot.volume_id}


def _finished_snapshot(backend, wanted: dict, description: str, image_id: str | None) -> ImageSnapshot:
    """Of a volume that is gone; its full size is the volume's unless `snapshotBytes` says otherwise."""
    size = wanted.get("volumeSize", 8)
    volume = backend.create_volume(size, backend.region_name + "a", volume_type="gp3")
    snapshot = take_snapshot(backend, volume, description, image_id)
    backend.delete_volume(volume.id)
    snapshot.start_time = _ago(wanted)
    snapshot.full_bytes = wanted.get("snapshotBytes", snapshot.full_bytes)
    snapshot.finish(wanted.get("snapshotState", "completed"))
    return snapshot


def _ago(wanted: dict) -> datetime:
    return datetime.now(timezone.utc) - timedelta(days=wanted.get("ageDays", 0))


def clear(backend) -> None:
    """Forgets every group, instance, template, image and snapshot in a region; nothing is announced."""
    groups = autoscaling_backends[backend.account_id][backend.region_name]
    groups.autoscaling_groups.clear()
    groups.launch_configurations.clear()
    for image in [each for each in backend.amis.values() if each.owner_id == backend.account_id]:
        Ec2State.lifecycle.stop(image)
        del backend.amis[image.id]
    for instance in backend.all_instances():
        Ec2State.instances.forget(instance)
    region_of(backend).clear()
    backend.deleted_amis.clear()
    backend.enis.clear()
    for groups in backend.groups.values():
        for group in [each for each in groups.values() if not each.is_default]:
            del groups[group.id]
    backend.reservations.clear()
    backend.snapshots.clear()
    backend.launch_templates.clear()
    backend.launch_template_name_to_ids.clear()
    backend.launch_template_insert_order.clear()
