"""The public images that are there to start instances from; this account owns none of them."""

from dataclasses import dataclass
from datetime import datetime, timezone

from aws.ec2.image import Image, Origin
from aws.ec2.snapshot import Disk

BASE_IMAGE = "ami-0a1b2c3d4e5f60789"
ARM_IMAGE = "ami-0a1b2c3d4e5f60790"
UBUNTU_IMAGE = "ami-0a1b2c3d4e5f60791"


@dataclass(frozen=True)
class PublicImage:
    id: str
    name: str
    description: str
    architecture: str
    owner_id: str = "137112412989"
    owner_alias: str | None = "amazon"
    root_device_name: str = "/dev/xvda"


PUBLIC_IMAGES = (
    PublicImage(BASE_IMAGE, "al2023-ami-2023.9.20260105.0-kernel-6.1-x86_64", "Amazon Linux 2023 AMI", "x86_64"),
    PublicImage(ARM_IMAGE, "al2023-ami-2023.9.20260105.0-kernel-6.1-arm64", "Amazon Linux 2023 AMI", "arm64"),
    PublicImage(
        UBUNTU_IMAGE,
        "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260105",
        "Canonical, Ubuntu, 24.04, amd64 noble image",
        "x86_64",
        owner_id="099720109477",
        owner_alias=None,
        root_device_name="/dev/sda1",
    ),
)


def add_public_images(backend) -> None:
    """Adds the public images to a region, once."""
    for each in PUBLIC_IMAGES:
        if each.id not in backend.amis:
            backend.amis[each.id] = _image(backend, each)


def _image(backend, public: PublicImage) -> Image:
    origin = Origin(
        architecture=public.architecture,
        root_device_name=public.root_device_name,
        owner_id=public.owner_id,
        owner_alias=public.owner_alias,
        public=True,
        disks=[Disk(public.root_device_name, 8, "gp3", True, False)],
    )
    image = Image(backend, public.name, public.description, origin, datetime(2026, 1, 5, tzinfo=timezone.utc))
    image.id, image.state = public.id, "available"
    return image
