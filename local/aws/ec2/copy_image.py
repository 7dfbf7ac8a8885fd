"""CopyImage: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CopyImage.html.

Unlike CreateImage it has a client token. Launch permissions and, unless asked for, tags are not copied.
"""

from moto.core.responses import ActionResult
from moto.ec2.responses._base_response import EC2BaseResponse

from aws.ec2.errors import check_image_id, image_unavailable, missing_parameter
from aws.ec2.image import Image, Origin
from aws.ec2.region import region_of
from aws.ec2.rules import check_name, read_tag_specifications
from aws.ec2.snapshot import Disk, take_snapshot
from aws.ec2.state import Ec2State, backend_of, check_name_free, find_image


class CopyImage(EC2BaseResponse):
    def copy_image(self) -> ActionResult:
        name = check_name(self._get_param("Name"))
        region = self._get_param("SourceRegion")
        if not region:
            raise missing_parameter("sourceRegion")
        tags = read_tag_specifications(self._get_param("TagSpecifications", []), ("image", "snapshot"))
        source = find_image(backend_of(region), check_image_id(self._get_param("SourceImageId")))
        if source.state != "available":
            raise image_unavailable(source.id)
        here, token, request = region_of(self.ec2_backend), self._get_param("ClientToken"), (name, region, source.id)
        made = here.made_before("CopyImage", token, request)
        if made is None:
            check_name_free(self.ec2_backend, name)
            self.error_on_dryrun()
            made = self._copy(source, name, region, tags)
            here.remember("CopyImage", token, request, made)
        return ActionResult({"ImageId": made})

    def _copy(self, source: Image, name: str, region: str, tags: dict[str, dict[str, str]]) -> str:
        backend = self.ec2_backend
        origin = Origin(
            architecture=source.architecture,
            root_device_name=source.root_device_name,
            source_image_id=source.id,
            source_image_region=region,
        )
        image = Image(backend, name, self._get_param("Description", ""), origin)
        for disk in source.disks:
            image.disks.append(self._copy_disk(disk, source, image, region))
        copied = source.tags if self._get_param("CopyImageTags", False) else {}
        backend.create_tags([image.id], {**copied, **tags.get("image", {})})
        backend.create_tags([each.id for each in image.snapshots], tags.get("snapshot", {}))
        backend.amis[image.id] = image
        Ec2State.lifecycle.begin(image)
        return image.id

    def _copy_disk(self, disk: Disk, source: Image, image: Image, region: str) -> Disk:
        """A snapshot of its own, encrypted if the source's is or the call says so."""
        encrypted = disk.encrypted or bool(self._get_param("Encrypted", False))
        volume = self.ec2_backend.create_volume(disk.volume_size, f"{self.region}a", volume_type=disk.volume_type)
        self.ec2_backend.delete_volume(volume.id)
        volume.encrypted = encrypted
        of = f" from {disk.snapshot.id}" if disk.snapshot else ""
        description = f"Copied for DestinationAmi {image.id} from SourceAmi {source.id}{of} in {region}"
        snapshot = take_snapshot(self.ec2_backend, volume, description, image.id)
        snapshot.kms_key_id = self._get_param("KmsKeyId")
        return Disk(disk.device, disk.volume_size, disk.volume_type, disk.delete_on_termination, encrypted, snapshot)
