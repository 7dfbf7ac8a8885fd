"""DescribeImageReferences: what in this account uses an image.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImageReferences.html and
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-ami-references.html: instances in every state unless
`state-name` says which, the newest 10 versions of a launch template unless `version-depth` says how many, SSM
parameters by their value (of every data type; the page names none, and asks for no kms:Decrypt), Image Builder
recipes. An Auto Scaling group, a launch configuration and what is in another account are no references.
"""

from collections.abc import Iterator

from ministack.services import ssm
from moto.core.responses import ActionResult
from moto.ec2.responses._base_response import EC2BaseResponse

from aws.ec2.errors import check_image_id, ec2_error, invalid_parameter
from aws.ec2.filters import page
from aws.ec2.region import region_of
from aws.ec2.state import find_image
from aws.ec2.wire import WireResult
from aws.settings import ACCOUNT

MAX_IMAGES = 10
MIN_RESULTS = 5
DEFAULT_DEPTH = 10
MAX_DEPTH = 10_000
STATES = {"pending", "running", "shutting-down", "terminated", "stopping", "stopped"}
TYPES = (
    "ec2:Instance",
    "ec2:LaunchTemplate",
    "ssm:Parameter",
    "imagebuilder:ImageRecipe",
    "imagebuilder:ContainerRecipe",
)
Options = dict[str, dict[str, list[str]]]


class References(EC2BaseResponse):
    def describe_image_references(self) -> ActionResult:
        ids = [check_image_id(each) for each in self._get_param("ImageIds", [])]
        if not 1 <= len(ids) <= MAX_IMAGES:
            raise invalid_parameter(f"The number of image IDs must be between 1 and {MAX_IMAGES}")
        wanted = self._get_param("MaxResults")
        if wanted is not None and wanted < MIN_RESULTS:
            raise invalid_parameter(f"Value ( {wanted} ) for parameter maxResults is invalid, under {MIN_RESULTS}.")
        options = self._options()
        for image_id in ids:
            find_image(self.ec2_backend, image_id)
        self.error_on_dryrun()
        references = [
            {"ImageId": image_id, "ResourceType": kind, "Arn": arn}
            for image_id in ids
            for kind, arn in self._references(image_id, options)
        ]
        found, token = page(references, wanted, self._get_param("NextToken"))
        return WireResult({"ImageReferences": found, "NextToken": token})

    def _options(self) -> Options:
        """The resource types to look at, each with its options."""
        wanted = self._get_param("ResourceTypes", [])
        everything = self._get_param("IncludeAllResourceTypes", False)
        if not wanted and not everything:
            message = "Either IncludeAllResourceTypes or ResourceTypes must be specified."
            raise ec2_error("MissingParameter", message)
        found: Options = {kind: {} for kind in TYPES} if everything else {}
        for each in wanted:
            kind = each.get("ResourceType")
            if kind not in TYPES:
                raise invalid_parameter(f"Invalid value '{kind}' for ResourceType")
            named = each.get("ResourceTypeOptions", [])
            found[kind] = {option["OptionName"]: option.get("OptionValues", []) for option in named}
        check_options(found)
        return found

    def _references(self, image_id: str, options: Options) -> Iterator[tuple[str, str]]:
        arn = f"arn:aws:ec2:{self.region}:{ACCOUNT}"
        if "ec2:Instance" in options:
            states = options["ec2:Instance"].get("state-name") or STATES
            for instance in self.ec2_backend.all_instances():
                if instance.image_id == image_id and instance.state in states:
                    yield "ec2:Instance", f"{arn}:instance/{instance.id}"
        if "ec2:LaunchTemplate" in options:
            depth = int((options["ec2:LaunchTemplate"].get("version-depth") or [DEFAULT_DEPTH])[0])
            for template in self.ec2_backend.launch_templates.values():
                newest = sorted(template.versions, key=lambda version: version.number)[-depth:]
                if any(version.image_id == image_id for version in newest):
                    yield "ec2:LaunchTemplate", f"{arn}:launch-template/{template.id}"
        if "ssm:Parameter" in options:
            for name in parameters_with(image_id):
                yield "ssm:Parameter", f"arn:aws:ssm:{self.region}:{ACCOUNT}:parameter/{name.lstrip('/')}"
        for recipe in region_of(self.ec2_backend).recipes:
            if recipe.image_id == image_id and recipe.kind in options:
                yield recipe.kind, recipe.arn


def check_options(options: Options) -> None:
    """Each option belongs to one resource type, and has its own values."""
    for kind, named in options.items():
        for name, values in named.items():
            allowed = {"ec2:Instance": "state-name", "ec2:LaunchTemplate": "version-depth"}.get(kind)
            good = set(values) <= STATES if name == "state-name" else _is_depth(values)
            if name != allowed or not good:
                raise invalid_parameter(f"Invalid option {name} {values} for ResourceType {kind}")


def _is_depth(values: list[str]) -> bool:
    return len(values) == 1 and values[0].isdigit() and 1 <= int(values[0]) <= MAX_DEPTH


def parameters_with(value: str) -> list[str]:
    """The names of this account's parameters with a value; a SecureString's is not readable to EC2."""
    return [
        name
        for name, parameter in ssm._parameters.items()
        if parameter.get("Value") == value and parameter.get("Type") != "SecureString"
    ]
