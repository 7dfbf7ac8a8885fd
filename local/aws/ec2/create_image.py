"""CreateImage: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html.

No client token: a second call with the same name is refused, with another name it makes a second image.
"""

from moto.core.responses import ActionResult
from moto.ec2.responses._base_response import EC2BaseResponse

from aws.ec2.errors import check_id, ec2_error, invalid_parameter, missing_parameter
from aws.ec2.image import Image, Origin
from aws.ec2.rules import check_name, read_tag_specifications
from aws.ec2.snapshot import Disk, take_snapshot
from aws.ec2.state import Ec2State, check_name_free

IMAGEABLE = {"running", "stopping", "stopped"}


class CreateImage(EC2BaseResponse):
    def create_image(self) -> ActionResult:
        name = check_name(self._get_param("Name"))
        tags = read_tag_specifications(self._get_param("TagSpecifications", []), ("image", "snapshot"))
        instance = self._imageable_instance()
        volumes = self._volumes(instance)
        check_name_free(self.ec2_backend, name)
        Ec2State.quotas.check(list(self.ec2_backend.snapshots.values()), [volume.id for _, _, volume in volumes])
        self.error_on_dryrun()
        if not self._get_param("NoReboot", False) and instance.state == "running":
            instance.reboots = getattr(instance, "reboots", 0) + 1
        image = Image(self.ec2_backend, name, self._get_param("Description", ""), _origin(instance))
        for device, mapping, volume in volumes:
            image.disks.append(self._disk(image, instance, device, mapping, volume))
        self._register(image, tags, instance)
        return ActionResult({"ImageId": image.id})

    def _imageable_instance(self):
        instance_id = self._get_param("InstanceId")
        if not instance_id:
            raise missing_parameter("instanceId")
        check_id(instance_id, "i", "InvalidInstanceID.Malformed")
        instance = self.ec2_backend.get_instance_by_id(instance_id)
        if instance is None:
            raise ec2_error("InvalidInstanceID.NotFound", f"The instance ID '{instance_id}' does not exist")
        # As AWS was seen to answer: github.com/aws-samples/aws-systemsmanagerautomation-with-asglifecyclehooks
        # issue 2. Not IncorrectInstanceState, which one would expect.
        if instance.state not in IMAGEABLE:
            raise invalid_parameter(
                f"Invalid value '{instance_id}' for instanceId. "
                "Instance is not in state 'running' or 'stopping' or 'stopped'"
            )
        if instance.root_device_name not in instance.block_device_mapping:
            raise invalid_parameter(
                f"Invalid value '{instance_id}' for instanceId. "
                f"Instance does not have a volume attached at root ({instance.root_device_name})"
            )
        return instance

    def _volumes(self, instance) -> list[tuple]:
        """The instance's EBS volumes, but for those that the call takes out with `NoDevice`."""
        mappings = self._get_param("BlockDeviceMappings", [])
        left_out = {each["DeviceName"] for each in mappings if "NoDevice" in each}
        return [
            (device, mapping, self.ec2_backend.get_volume(mapping.volume_id))
            for device, mapping in instance.get_block_device_mapping
            if device not in left_out
        ]

    def _disk(self, image: Image, instance, device: str, mapping, volume) -> Disk:
        description = f"Created by CreateImage({instance.id}) for {image.id}"
        snapshot = take_snapshot(self.ec2_backend, volume, description, image.id)
        keep = bool(mapping.delete_on_termination)
        return Disk(device, volume.size, volume.volume_type, keep, volume.encrypted, snapshot)

    def _register(self, image: Image, tags: dict[str, dict[str, str]], instance) -> None:
        self.ec2_backend.create_tags([image.id], tags.get("image", {}))
        self.ec2_backend.create_tags([each.id for each in image.snapshots], tags.get("snapshot", {}))
        self.ec2_backend.amis[image.id] = image
        instance_name = self.ec2_backend.tags.get(instance.id, {}).get("Name", "")
        Ec2State.lifecycle.begin(image, (instance.id, instance_name))
        Ec2State.builders.imaged(instance.id, image.id)


def _origin(instance) -> Origin:
    return Origin(
        architecture=instance.architecture,
        root_device_name=instance.root_device_name,
        instance_id=instance.id,
        source_image_id=instance.image_id,
        source_image_region=instance.region_name,
    )
