"""ModifyImageAttribute, DescribeImageAttribute and ResetImageAttribute: who may launch an image, and its description.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyImageAttribute.html. An image that is not available
refuses: `InvalidAMIID.Unavailable` is for one "not in a state from which you can launch an instance or modify
attributes" (https://docs.aws.amazon.com/ec2/latest/devguide/errors-overview.html).
"""

import re

from moto.core.responses import ActionResult, EmptyResult

from aws.ec2.errors import ec2_error, image_unavailable, invalid_parameter, missing_parameter
from aws.ec2.image import Image
from aws.ec2.own_image import OwnImage
from aws.ec2.wire import WireResult

# Each way to name who may launch, with the parameter that has it where the attribute is named instead.
KINDS = {
    "UserId": "UserIds",
    "Group": "UserGroups",
    "OrganizationArn": "OrganizationArns",
    "OrganizationalUnitArn": "OrganizationalUnitArns",
}
FORMS = {
    "UserId": r"\d{12}",
    "Group": "all",
    "OrganizationArn": r"arn:aws:organizations::\d{12}:organization/o-[a-z0-9]{10,32}",
    "OrganizationalUnitArn": r"arn:aws:organizations::\d{12}:ou/o-[a-z0-9]{10,32}/ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}",
}
SHOWN = {
    "description": ("Description", lambda image: {"Value": image.description}),
    "deregistrationProtection": ("DeregistrationProtection", lambda image: {"Value": image.deregistration_protection}),
    "launchPermission": ("LaunchPermissions", lambda image: image.launch_permissions),
    "bootMode": ("BootMode", lambda image: {"Value": image.boot_mode}),
    "sriovNetSupport": ("SriovNetSupport", lambda image: {"Value": image.sriov}),
}


class ImageAttribute(OwnImage):
    def modify_image_attribute(self) -> ActionResult:
        image = self._own_image()
        if image.state != "available":
            raise image_unavailable(image.id)
        attribute = self._get_param("Attribute")
        if self._get_param("Description") is not None or attribute == "description":
            self.error_on_dryrun()
            image.description = self._get_param("Description.Value") or self._get_param("Value", "")
            return EmptyResult()
        self._change_permissions(image, attribute)
        return EmptyResult()

    def describe_image_attribute(self) -> ActionResult:
        image, attribute = self._own_image(), self._get_param("Attribute")
        if attribute not in SHOWN:
            raise invalid_parameter(f"Invalid value '{attribute}' for attribute (or not modelled by the embedded AWS)")
        self.error_on_dryrun()
        name, read = SHOWN[attribute]
        return WireResult({"ImageId": image.id, name: read(image)})

    def reset_image_attribute(self) -> ActionResult:
        """Only launch permissions can be reset."""
        image = self._own_image()
        self.error_on_dryrun()
        image.launch_permissions = []
        return EmptyResult()

    def _change_permissions(self, image: Image, attribute: str | None) -> None:
        added, removed = self._changes(attribute)
        if not added and not removed:
            raise missing_parameter("LaunchPermission")
        for each in [*added, *removed]:
            check_permission(each)
        self.error_on_dryrun()
        kept = [each for each in image.launch_permissions if each not in removed]
        image.launch_permissions = kept + [each for each in added if each not in kept]

    def _changes(self, attribute: str | None) -> tuple[list[dict], list[dict]]:
        """What to add and to remove, in either of the two forms that the call has."""
        if attribute != "launchPermission" or self._get_param("LaunchPermission"):
            change = self._get_param("LaunchPermission", {})
            return change.get("Add", []), change.get("Remove", [])
        named = [{kind: each} for kind, parameter in KINDS.items() for each in self._get_param(parameter, [])]
        return ([], named) if self._get_param("OperationType") == "remove" else (named, [])


def check_permission(permission: dict) -> None:
    """One of the four, well formed: docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchPermission.html."""
    for kind, value in permission.items():
        if kind not in FORMS or not re.fullmatch(FORMS[kind], value):
            name = kind[:1].lower() + kind[1:]
            message = f'Invalid attribute item value "{value}" for {name} item type.'
            raise ec2_error("InvalidAMIAttributeItemValue", message)
