"""What a test or the demo asks of EC2 that no API call can: the past, odd instances, images in any state."""

from datetime import datetime, timedelta, timezone

from moto.ec2.models.instances import Instance, InstanceState

from aws.ec2.catalog import BASE_IMAGE
from aws.ec2.image import Image, Origin
from aws.ec2.snapshot import Disk, take_snapshot
from aws.ec2.retire_image import deregister
from aws.ec2.state import Ec2State

STATE_CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}


def start_instance(backend, wanted: dict) -> dict:
    """An instance of any state, launch time and root device."""
    tags = {**wanted.get("tags", {}), **({"Name": wanted["name"]} if "name" in wanted else {})}
    image = wanted.get("imageId", BASE_IMAGE)
    reservation = backend.run_instances(
        image, 1, None, [], instance_type="t3.micro", is_instance_type_default=False, tags={"instance": tags}
    )
    instance = reservation.instances[0]
    return change_instance(backend, instance.id, {"state": "running", **wanted})


def change_instance(backend, instance_id: str, wanted: dict) -> dict:
    instance = backend.get_instance(instance_id)
    for _ in range(wanted.get("extraVolumes", 0)):
        letter = chr(ord("f") + len(instance.block_device_mapping) - 1)
        instance.add_block_device(20, f"/dev/sd{letter}", None, False, True, None, "gp3")
    if "launchTime" in wanted:
        instance.launch_time = _time(wanted["launchTime"])
    if wanted.get("rootDeviceType") == "instance-store":
        instance.teardown_defaults()
        instance.root_device_type = "instance-store"
    if "state" in wanted:
        _put_into(instance, wanted["state"])
    return view_instance(backend, instance)


def view_instance(backend, instance: Instance) -> dict:
    return {
        "instanceId": instance.id,
        "name": backend.tags.get(instance.id, {}).get("Name"),
        "state": instance.state,
        "launchTime": _text(instance.launch_time),
        "volumeIds": [each.volume_id for _, each in instance.get_block_device_mapping],
        "reboots": getattr(instance, "reboots", 0),
    }


def add_image(backend, wanted: dict) -> dict:
    """A finished image of any age and state, with `snapshots` snapshots (1) and nothing announced."""
    created = datetime.now(timezone.utc) - timedelta(days=wanted.get("ageDays", 0))
    origin = Origin(
        owner_id=wanted.get("ownerId"), instance_id=wanted.get("instanceId"), public=wanted.get("public", False)
    )
    image = Image(backend, wanted["name"], wanted.get("description", ""), origin, created)
    image.state = wanted.get("state", "available")
    image.state_reason = wanted.get("stateReason")
    for number in range(wanted.get("snapshots", 1)):
        volume = backend.create_volume(8, backend.region_name + "a", volume_type="gp3")
        snapshot = take_snapshot(backend, volume, f"Created for {image.id}", image.id)
        snapshot.start_time = created
        snapshot.finish("completed")
        backend.delete_volume(volume.id)
        device = "/dev/xvda" if number == 0 else f"/dev/sd{chr(ord('e') + number)}"
        image.disks.append(Disk(device, 8, "gp3", True, False, snapshot))
    for other in wanted.get("shareSnapshotsOf", []):
        image.disks += backend.amis[other].disks
    backend.create_tags([image.id], wanted.get("tags", {}))
    backend.create_tags([each.id for each in image.snapshots], wanted.get("snapshotTags", wanted.get("tags", {})))
    backend.amis[image.id] = image
    return view_image(image)


def change_image(backend, image_id: str, wanted: dict) -> dict:
    """Back-dates an image, or puts it into a state as if EC2 had, with the event that EC2 sends."""
    image = backend.amis[image_id]
    if "ageDays" in wanted:
        image.creation_date = datetime.now(timezone.utc) - timedelta(days=wanted["ageDays"])
    if "deregistrationProtection" in wanted:
        image.deregistration_protection = wanted["deregistrationProtection"]
    if "state" in wanted:
        reason = wanted.get("stateReason") or {}
        Ec2State.lifecycle.settle(image, wanted["state"], reason.get("Code", ""), reason.get("Message", ""))
    return view_image(image)


def view_image(image: Image) -> dict:
    return {
        "imageId": image.id,
        "name": image.name,
        "state": image.state,
        "createdAt": _text(image.creation_date),
        "snapshotIds": [each.id for each in image.snapshots],
        "tags": image.tags,
    }


def own_images(backend) -> list[dict]:
    return [view_image(image) for image in backend.amis.values() if image.owner_id == backend.account_id]


def clear(backend) -> None:
    """Forgets every instance, image and snapshot of the account; nothing is announced."""
    for image in [each for each in backend.amis.values() if each.owner_id == backend.account_id]:
        image.announces = False
        deregister(backend, image)
    backend.deleted_amis.clear()
    backend.__dict__.pop("amity_region", None)
    backend.reservations.clear()
    backend.snapshots.clear()
    backend.launch_templates.clear()


def _put_into(instance: Instance, state: str) -> None:
    if state == "terminated":
        instance.terminate()
    instance._state = InstanceState(state, STATE_CODES[state])


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _text(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z")
