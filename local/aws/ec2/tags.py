"""CreateTags with EC2's own limits, and tags found by their resource rather than by a search through all."""

from moto.core.responses import ActionResult
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.responses.tags import TagResponse
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix

from aws.ec2.errors import missing_parameter
from aws.ec2.rules import check_tags


class Tags(TagResponse):
    def create_tags(self) -> ActionResult:
        tags = self._get_param("Tags", [])
        if not tags:
            raise missing_parameter("Tag")
        check_tags(tags)
        return super().create_tags()


def find_tags_by_resource() -> None:
    """moto looks through every tag of every resource for the tags of one: minutes, with a thousand images."""

    def get_tags(self) -> list[dict[str, str]]:
        kind = EC2_PREFIX_TO_RESOURCE.get(get_prefix(self.id), "")
        return [
            {"resource_id": self.id, "key": key, "value": value, "resource_type": kind}
            for key, value in self.ec2_backend.tags.get(self.id, {}).items()
        ]

    TaggedEC2Resource.get_tags = get_tags
