"""The public images that are there to start instances from; this account owns none of them."""

from datetime import datetime, timezone

from aws.ec2.image import Image, Origin
from aws.ec2.snapshot import Disk

BASE_IMAGE = "ami-0a1b2c3d4e5f60789"


def add_public_images(backend) -> None:
    """Adds Amazon's base image to a region, once."""
    if BASE_IMAGE in backend.amis:
        return
    origin = Origin(
        owner_id="137112412989",
        owner_alias="amazon",
        public=True,
        disks=[Disk("/dev/xvda", 8, "gp3", True, False)],
    )
    name = "al2023-ami-2023.9.20260105.0-kernel-6.1-x86_64"
    image = Image(backend, name, "Amazon Linux 2023 AMI", origin, datetime(2026, 1, 5, tzinfo=timezone.utc))
    image.id, image.state = BASE_IMAGE, "available"
    backend.amis[image.id] = image
