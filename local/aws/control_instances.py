"""Instances that no API call makes: of any state, launch time and root device. See control."""

from datetime import datetime

from moto.ec2.models.instances import Instance

from aws.ec2.catalog import BASE_IMAGE, add_public_images
from aws.ec2.instance_states import CODES, enter
from aws.ec2.state import Ec2State


def start_instance(backend, wanted: dict) -> dict:
    """An instance of any state, launch time and root device."""
    add_public_images(backend)
    tags = {**wanted.get("tags", {}), **({"Name": wanted["name"]} if "name" in wanted else {})}
    image = wanted.get("imageId", BASE_IMAGE)
    reservation = backend.run_instances(
        image, 1, None, [], instance_type="t3.micro", is_instance_type_default=False, tags={"instance": tags}
    )
    instance = reservation.instances[0]
    _change(instance, wanted)
    enter(instance, _known(wanted.get("state", "running")))
    return view_instance(backend, instance)


def change_instance(backend, instance_id: str, wanted: dict) -> dict:
    """As `start_instance` has it; a state that it did not have is entered as if EC2 had, with EC2's event."""
    instance = backend.get_instance(instance_id)
    _change(instance, wanted)
    if wanted.get("state", instance.state) != instance.state:
        Ec2State.instances.put(instance, _known(wanted["state"]))
    return view_instance(backend, instance)


def _change(instance: Instance, wanted: dict) -> None:
    for _ in range(wanted.get("extraVolumes", 0)):
        letter = chr(ord("f") + len(instance.block_device_mapping) - 1)
        instance.add_block_device(20, f"/dev/sd{letter}", None, False, True, None, "gp3")
    if "launchTime" in wanted:
        instance.launch_time = datetime.fromisoformat(wanted["launchTime"].replace("Z", "+00:00"))
    if wanted.get("rootDeviceType") == "instance-store":
        instance.teardown_defaults()
        instance.root_device_type = "instance-store"


def instances(backend) -> list[dict]:
    return [view_instance(backend, each) for each in backend.all_instances()]


def view_instance(backend, instance: Instance) -> dict:
    return {
        "instanceId": instance.id,
        "name": backend.tags.get(instance.id, {}).get("Name"),
        "state": instance.state,
        "launchTime": instance.launch_time.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "volumeIds": [each.volume_id for _, each in instance.get_block_device_mapping],
        "reboots": getattr(instance, "reboots", 0),
    }


def _known(state: str) -> str:
    if state not in CODES:
        raise ValueError(f"state must be one of {', '.join(CODES)}; got {state}")
    return state
