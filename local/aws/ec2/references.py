"""DescribeImageReferences: what in this account uses an image.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImageReferences.html and
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-ami-references.html: instances in every state unless
`state-name` says which, the newest 10 versions of a launch template unless `version-depth` says how many, SSM
parameters by their value. Image Builder recipes are not modelled: nothing here has any.
"""

from collections.abc import Iterator

from ministack.services import ssm
from moto.core.responses import ActionResult
from moto.ec2.responses._base_response import EC2BaseResponse

from aws.ec2.errors import check_image_id, ec2_error, invalid_parameter
from aws.ec2.filters import page
from aws.ec2.state import find_image
from aws.settings import ACCOUNT

MAX_IMAGES = 10
DEFAULT_DEPTH = 10
TYPES = (
    "ec2:Instance",
    "ec2:LaunchTemplate",
    "ssm:Parameter",
    "imagebuilder:ImageRecipe",
    "imagebuilder:ContainerRecipe",
)


class References(EC2BaseResponse):
    def describe_image_references(self) -> ActionResult:
        ids = [check_image_id(each) for each in self._get_param("ImageIds", [])]
        if not 1 <= len(ids) <= MAX_IMAGES:
            raise invalid_parameter(f"The number of image IDs must be between 1 and {MAX_IMAGES}")
        options = self._options()
        for image_id in ids:
            find_image(self.ec2_backend, image_id)
        self.error_on_dryrun()
        references = [
            {"ImageId": image_id, "ResourceType": kind, "Arn": arn}
            for image_id in ids
            for kind, arn in self._references(image_id, options)
        ]
        found, token = page(references, self._get_param("MaxResults"), self._get_param("NextToken"))
        return ActionResult({"ImageReferences": found, "NextToken": token})

    def _options(self) -> dict[str, dict[str, list[str]]]:
        """The resource types to look at, each with its options."""
        wanted = self._get_param("ResourceTypes", [])
        everything = self._get_param("IncludeAllResourceTypes", False)
        if not wanted and not everything:
            message = "Either IncludeAllResourceTypes or ResourceTypes must be specified."
            raise ec2_error("MissingParameter", message)
        found: dict[str, dict[str, list[str]]] = {kind: {} for kind in TYPES} if everything else {}
        for each in wanted:
            kind = each.get("ResourceType")
            if kind not in TYPES:
                raise invalid_parameter(f"Invalid value '{kind}' for ResourceType")
            named = each.get("ResourceTypeOptions", [])
            found[kind] = {option["OptionName"]: option.get("OptionValues", []) for option in named}
        return found

    def _references(self, image_id: str, options: dict[str, dict[str, list[str]]]) -> Iterator[tuple[str, str]]:
        region = self.region
        if "ec2:Instance" in options:
            states = options["ec2:Instance"].get("state-name")
            for instance in self.ec2_backend.all_instances():
                if instance.image_id == image_id and (not states or instance.state in states):
                    yield "ec2:Instance", f"arn:aws:ec2:{region}:{ACCOUNT}:instance/{instance.id}"
        if "ec2:LaunchTemplate" in options:
            depth = int((options["ec2:LaunchTemplate"].get("version-depth") or [DEFAULT_DEPTH])[0])
            for template in self.ec2_backend.launch_templates.values():
                if any(version.image_id == image_id for version in template.versions[-depth:]):
                    yield "ec2:LaunchTemplate", f"arn:aws:ec2:{region}:{ACCOUNT}:launch-template/{template.id}"
        if "ssm:Parameter" in options:
            for name, parameter in ssm._parameters.items():
                if parameter.get("Value") == image_id:
                    yield "ssm:Parameter", f"arn:aws:ssm:{region}:{ACCOUNT}:parameter/{name.lstrip('/')}"
