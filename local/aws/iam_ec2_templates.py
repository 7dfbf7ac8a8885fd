"""A launch template in a call that starts instances: what of the instances it says, in the call's own terms.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/permissions-for-launch-templates.html: what the call names itself
overrides the template, and is then no `ec2:IsLaunchTemplateResource`. An image by a parameter is read by the caller.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from moto.core.types import Base64EncodedString
from moto.ec2.exceptions import EC2ClientError

from aws.ec2.launch_template_numbers import version_of
from aws.ec2.launch_template_versions import ALIAS, resolve_alias
from aws.ec2.state import backend_of
from aws.iam_ec2_resources import Check
from aws.settings import ACCOUNT

# What RunInstances calls the members of a template's lists; the others lose their plural.
_SINGULAR = {"Groups": "SecurityGroupId", "Ipv6Addresses": "Ipv6Addresses"}
# The parameters that say what a resource is to be: who names one in the call takes it from the template.
_OF_KIND = {
    "instance": ("InstanceType",),
    "volume": ("BlockDeviceMapping",),
    "network-interface": ("NetworkInterface", "SubnetId", "SecurityGroupId"),
    "image": ("ImageId",),
    "subnet": ("SubnetId", "NetworkInterface"),
    "security-group": ("SecurityGroupId", "NetworkInterface"),
    "snapshot": ("BlockDeviceMapping",),
    "key-pair": ("KeyName",),
}


@dataclass
class Launch:
    """The parameters of a call with those of its template, and which of the two a resource is of."""

    params: dict
    template_id: str = ""
    given: set[str] = field(default_factory=set)

    def keys(self, kind: str, region: str) -> dict[str, str]:
        if not self.template_id:
            return {}
        own = "false" if self.given & set(_OF_KIND.get(kind, ())) else "true"
        arn = f"arn:aws:ec2:{region}:{ACCOUNT}:launch-template/{self.template_id}"
        return {"ec2:LaunchTemplate": arn, "ec2:IsLaunchTemplateResource": own}


def read_launch(params: dict, specification: dict, region: str) -> Launch:
    """A call with the template that it names; one that is not there is EC2's to refuse."""
    version = find_version(specification, region)
    if version is None:
        return Launch(params)
    given = {name.split(".")[0] for name in params}
    own = {name: value for name, value in _flat("", version.data) if name.split(".")[0] not in given}
    return Launch({**own, **params}, version.template.id, given)


def find_version(specification: dict, region: str):
    backend, names = backend_of(region), backend_of(region).launch_template_name_to_ids
    template_id = specification.get("LaunchTemplateId") or names.get(specification.get("LaunchTemplateName"))
    template = backend.launch_templates.get(template_id)
    try:
        return version_of(template, specification.get("Version")) if template else None
    except EC2ClientError:
        return None


def alias_checks(image: str, region: str) -> list[Check]:
    """https://docs.aws.amazon.com/autoscaling/ec2/userguide/using-systems-manager-parameters.html."""
    if not image.startswith(ALIAS):
        return []
    name = image[len(ALIAS) :].partition(":")[0].lstrip("/")
    return [Check("ssm:GetParameters", f"arn:aws:ssm:{region}:{ACCOUNT}:parameter/{name}")]


def image_of(params: dict) -> str | None:
    """The image's id; none where its parameter is not there."""
    image = params.get("ImageId")
    try:
        return resolve_alias(image) if image and image.startswith(ALIAS) else image
    except EC2ClientError:
        return None


def _flat(prefix: str, value: object) -> Iterator[tuple[str, str]]:
    """As the query protocol has it: `TagSpecification.1.Tag.1.Key`."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _flat(f"{prefix}.{name}" if prefix else name, each)
    elif isinstance(value, list):
        head, _, name = prefix.rpartition(".")
        singular = _SINGULAR.get(name) or name.removesuffix("s")
        for number, each in enumerate(value, 1):
            yield from _flat(".".join(filter(None, (head, singular, str(number)))), each)
    elif isinstance(value, bool):
        yield prefix, str(value).lower()
    elif value is not None and not isinstance(value, Base64EncodedString):
        yield prefix, str(value)
