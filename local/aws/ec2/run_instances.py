"""RunInstances: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html.

moto starts an instance at once, from any image, of any type, as often as it is asked, with its own IAM's profiles.
"""

import base64
from copy import deepcopy

from moto.core.responses import ActionResult
from moto.ec2.models.instance_types import INSTANCE_TYPES
from moto.ec2.models.instances import Instance
from moto.ec2.responses.instances import InstanceResponse
from moto.ec2.utils import parse_user_data

from aws.ec2.errors import check_id, ec2_error, image_unavailable, invalid_parameter, missing_parameter
from aws.ec2.image import Image
from aws.ec2.instance_disks import check_overrides, overridden
from aws.ec2.launch_template_versions import ALIAS, resolve_alias
from aws.ec2.region import region_of
from aws.ec2.rules import read_tag_specifications
from aws.ec2.state import Ec2State, find_group, find_image
from ministack.services import iam

DEFAULT_TYPE = "m1.small"
MAX_USER_DATA = 16_384
TAGGABLE = ("instance", "volume", "network-interface", "elastic-gpu", "spot-instances-request")


class RunInstances(InstanceResponse):
    def run_instances(self) -> ActionResult:
        """A call with the client token of an earlier one starts nothing."""
        here, token = region_of(self.ec2_backend), self._get_param("ClientToken")
        request = deepcopy({name: value for name, value in self.params.items() if name != "ClientToken"})
        made = here.made_before("RunInstances", token, request)
        if made is None:
            made = self._run()
            here.remember("RunInstances", token, request, made)
        return ActionResult(self.ec2_backend.reservations[made])

    def _run(self) -> str:
        """The reservation of what was started."""
        template = self._data_of_template()
        image = self._image(template)
        self._check_type(template, image)
        self._check_network()
        self._check_key(template)
        given = parse_user_data(self._get_param("UserData"))
        if given is not None and len(base64.b64decode(given.as_bytes())) > MAX_USER_DATA:
            raise invalid_parameter(f"User data is limited to {MAX_USER_DATA} bytes")
        tags = read_tag_specifications(self._get_param("TagSpecifications", []), TAGGABLE)
        mappings = self.params.pop("BlockDeviceMappings", [])
        check_overrides(image.disks, mappings)
        profile = self._profile()
        with overridden(mappings):
            reservation = super().run_instances().result
        for instance in reservation.instances:
            self._finish(instance, profile, tags.get("network-interface", {}))
            Ec2State.instances.begin(instance, "pending")
        return reservation.id

    def _data_of_template(self) -> dict:
        named = self._get_param("LaunchTemplate", {})
        return self.ec2_backend._get_template_from_args(named).data if named else {}

    def _image(self, template: dict) -> Image:
        image_id = self._get_param("ImageId") or template.get("ImageId")
        if not image_id:
            raise missing_parameter("ImageId")
        if image_id.startswith(ALIAS):
            # It is resolved when the instance is started.
            image_id = self.params["ImageId"] = resolve_alias(image_id)
        check_id(image_id, "ami", "InvalidAMIID.Malformed")
        image = find_image(self.ec2_backend, image_id)
        if image.state != "available":
            raise image_unavailable(image_id)
        return image

    def _check_type(self, template: dict, image: Image) -> None:
        wanted = self._get_param("InstanceType") or template.get("InstanceType") or DEFAULT_TYPE
        if wanted not in INSTANCE_TYPES:
            raise invalid_parameter(f"Invalid value '{wanted}' for InstanceType.")
        known = INSTANCE_TYPES[wanted]["ProcessorInfo"]["SupportedArchitectures"]
        if image.architecture not in known:
            raise invalid_parameter(
                f"The architecture '{','.join(known)}' of the specified instance type does not match the architecture "
                f"'{image.architecture}' of the specified AMI. Specify an instance type and an AMI that have matching "
                "architectures, and try again. You can use 'describe-instance-types' or 'describe-images' to discover "
                "the architecture of the instance type or AMI."
            )

    def _check_network(self) -> None:
        """The subnets and the security groups must be there, and be of one network."""
        interfaces = self._get_param("NetworkInterfaces", [])
        where = next((each["SubnetId"] for each in [self.params, *interfaces] if each.get("SubnetId")), None)
        network = self.ec2_backend.get_subnet(where).vpc_id if where else self.ec2_backend.default_vpc.id
        groups = list(self._get_param("SecurityGroupIds", []))
        groups += [group_id for each in interfaces for group_id in each.get("Groups", [])]
        for group_id in groups:
            if find_group(self.ec2_backend, group_id).vpc_id != network:
                message = f"Security group {group_id} and subnet {where} belong to different networks."
                raise ec2_error("InvalidParameter", message)
        if not groups and not self._get_param("SecurityGroups"):
            default = self.ec2_backend.get_default_security_group(network)
            if default is not None and not interfaces:
                self.params["SecurityGroupIds"] = [default.id]

    def _check_key(self, template: dict) -> None:
        name = self._get_param("KeyName") or template.get("KeyName")
        if name and all(each.key_name != name for each in self.ec2_backend.key_pairs.values()):
            raise ec2_error("InvalidKeyPair.NotFound", f"The key pair '{name}' does not exist")

    def _profile(self) -> dict | None:
        """The instance profile, which is MiniStack's; moto would look for one of its own."""
        named = self.params.pop("IamInstanceProfile", {})
        for key, kind in (("Arn", "ARN"), ("Name", "name")):
            if named.get(key) and iam._lookup_instance_profile(**{key.lower(): named[key]}) is None:
                parameter = f"iamInstanceProfile.{key.lower()}"
                raise invalid_parameter(
                    f"Value ({named[key]}) for parameter {parameter} is invalid. Invalid IAM Instance Profile {kind}"
                )
        return iam._lookup_instance_profile(named.get("Name", ""), named.get("Arn", "")) if named else None

    def _finish(self, instance: Instance, profile: dict | None, interface_tags: dict[str, str]) -> None:
        if profile:
            instance.iam_instance_profile = {"Arn": profile["Arn"], "Id": profile["InstanceProfileId"]}
        instance.client_token = self._get_param("ClientToken", "")
        for interface in instance.nics.values():
            interface.delete_on_termination = True
            self.ec2_backend.create_tags([interface.id], interface_tags)
