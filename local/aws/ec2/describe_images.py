"""DescribeImages: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html."""

import time

from moto.core.responses import ActionResult
from moto.ec2.responses._base_response import EC2BaseResponse
from moto.ec2.utils import format_timestamp

from aws.ec2.errors import check_image_id, image_not_found, image_unavailable, invalid_parameter
from aws.ec2.filters import apply_filters, page
from aws.ec2.image import Image
from aws.ec2.wire import WireResult

READERS = {
    "architecture": lambda image: image.architecture,
    "block-device-mapping.snapshot-id": lambda image: [each.id for each in image.snapshots],
    "creation-date": lambda image: format_timestamp(image.creation_date),
    "description": lambda image: image.description,
    "image-id": lambda image: image.id,
    "image-type": lambda image: image.image_type,
    "is-public": lambda image: image.is_public,
    "name": lambda image: image.name,
    "owner-alias": lambda image: image.owner_alias,
    "owner-id": lambda image: image.owner_id,
    "root-device-type": lambda image: image.root_device_type,
    "source-image-id": lambda image: image.origin.source_image_id,
    "source-instance-id": lambda image: image.instance_id,
    "state": lambda image: image.state,
    "state-reason-code": lambda image: (image.state_reason or {}).get("Code"),
    "virtualization-type": lambda image: image.virtualization_type,
}


class DescribeImages(EC2BaseResponse):
    def describe_images(self) -> ActionResult:
        self.error_on_dryrun()
        ids = self._get_param("ImageIds", [])
        images = self._images_by_id(ids) if ids else self._visible_images()
        if not self._get_param("IncludeDisabled", False):
            images = [image for image in images if image.state != "disabled"]
        if not self._get_param("IncludeDeprecated", False):
            images = [each for each in images if not each.is_deprecated or each.owner_id == self.current_account]
        images = self._of_owners(images)
        images = apply_filters(images, self._get_param("Filters", []), READERS, lambda image: image.tags)
        found, token = page(images, self._max_results(), self._get_param("NextToken"))
        return WireResult({"Images": [image.wire() for image in found], "NextToken": token})

    def _max_results(self) -> int | None:
        wanted = self._get_param("MaxResults")
        if wanted is not None and not 1 <= wanted <= 1000:
            raise invalid_parameter(f"Value ( {wanted} ) for parameter maxResults is invalid. Expecting 1 to 1000.")
        return wanted

    def _visible_images(self) -> list[Image]:
        return [image for image in self.ec2_backend.amis.values() if _visible(image)]

    def _images_by_id(self, ids: list[str]) -> list[Image]:
        """Unknown ids fail the whole call. A deregistered one that an instance still uses is left out."""
        for image_id in ids:
            check_image_id(image_id)
        known = {image.id: image for image in self._visible_images()}
        gone = [image_id for image_id in ids if image_id in self.ec2_backend.deleted_amis]
        unknown = [image_id for image_id in ids if image_id not in known and image_id not in gone]
        if unknown:
            raise image_not_found(unknown)
        for image_id in gone:
            if not self._launched(image_id):
                raise image_unavailable(image_id)
        return [known[image_id] for image_id in dict.fromkeys(ids) if image_id in known]

    def _launched(self, image_id: str) -> bool:
        instances = self.ec2_backend.all_instances()
        return any(each.image_id == image_id and each.state != "terminated" for each in instances)

    def _of_owners(self, images: list[Image]) -> list[Image]:
        """Owned by one of `Owners`; without, what this account may launch: its own, public and shared images."""
        owners = {self.current_account if each == "self" else each for each in self._get_param("Owners", [])}
        if owners:
            return [image for image in images if image.owner_id in owners or image.owner_alias in owners]
        return [image for image in images if image.owner_id == self.current_account or image.is_public]


def _visible(image: Image) -> bool:
    return time.monotonic() >= image.hidden_until
