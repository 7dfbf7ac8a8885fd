"""What a test or the demo asks of EC2 that no API call can, in any region: `region` says which, else the first one."""

from collections.abc import Callable

from moto.ec2.models import ec2_backends

from aws import control_images as images
from aws import control_instances as instances
from aws import control_uses as uses
from aws.settings import ACCOUNT

# The region's backend, the rest of the path, and the body with the query's values.
Route = Callable[[object, list[str], dict], object]

ROUTES: dict[str, Route] = {
    "POST instances": lambda ec2, _, body: instances.start_instance(ec2, body),
    "PATCH instances": lambda ec2, rest, body: instances.change_instance(ec2, rest[0], body),
    "GET instances": lambda ec2, _, __: instances.instances(ec2),
    "POST images": lambda ec2, _, body: images.add_image(ec2, body),
    "PATCH images": lambda ec2, rest, body: images.change_image(ec2, rest[0], body),
    "GET images": lambda ec2, _, __: images.own_images(ec2),
    "POST snapshots": lambda ec2, _, body: images.add_snapshot(ec2, body),
    "POST recipes": lambda ec2, _, body: uses.add_recipe(ec2, body),
    "PUT usage": lambda ec2, _, body: uses.set_usage(ec2, body),
    "POST usage-reports": lambda ec2, _, body: uses.add_report(ec2, body),
    "DELETE recycle-bin": lambda ec2, _, body: uses.empty_bin(ec2),
}


def clear_all() -> None:
    """Every region's resources; what was deployed (the rules of the Recycle Bin) stays."""
    for backend in list(ec2_backends[ACCOUNT].values()):
        images.clear(backend)
