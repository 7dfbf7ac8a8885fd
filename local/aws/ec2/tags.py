"""CreateTags and DeleteTags with EC2's own limits, and tags found by their resource rather than by a search.

Images and snapshots can be tagged in every state, and in the Recycle Bin:
https://docs.aws.amazon.com/ebs/latest/userguide/recycle-bin-factors.html.
"""

from moto.core.responses import ActionResult, EmptyResult
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.responses.tags import TagResponse
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix

from aws.ec2.errors import check_id, invalid_parameter, missing_parameter
from aws.ec2.rules import check_tags
from aws.ec2.state import own_image, own_snapshot

OWN = {"ami": (own_image, "InvalidAMIID.Malformed"), "snap": (own_snapshot, "InvalidSnapshotID.Malformed")}


class Tags(TagResponse):
    def create_tags(self) -> ActionResult:
        tags = self._get_param("Tags", [])
        if not tags:
            raise missing_parameter("Tag")
        added = check_tags(tags)
        ids = self._resources()
        self.error_on_dryrun()
        self.ec2_backend.create_tags(ids, added)
        return EmptyResult()

    def delete_tags(self) -> ActionResult:
        """A key without a value goes whatever its value; without any key all go, but for AWS's own."""
        tags = {tag["Key"]: tag.get("Value") for tag in self._get_param("Tags", [])}
        if any(key.lower().startswith("aws:") for key in tags):
            raise invalid_parameter("Tag keys starting with 'aws:' are reserved for internal use")
        ids = self._resources()
        self.error_on_dryrun()
        for each in ids:
            held = self.ec2_backend.tags.get(each, {})
            gone = tags or {key: None for key in held if not key.startswith("aws:")}
            self.ec2_backend.delete_tags([each], gone)
        return EmptyResult()

    def _resources(self) -> list[str]:
        """The resources, all of which must be there."""
        ids = self._get_param("Resources", [])
        if not ids:
            raise missing_parameter("resourceIdSet")
        for each in ids:
            prefix = each.split("-")[0]
            if prefix in OWN:
                find, malformed = OWN[prefix]
                check_id(each, prefix, malformed)
                find(self.ec2_backend, each, in_bin=True)
            else:
                self.ec2_backend.do_resources_exist([each])
        return ids


def find_tags_by_resource() -> None:
    """moto looks through every tag of every resource for the tags of one: minutes, with a thousand images."""

    def get_tags(self) -> list[dict[str, str]]:
        kind = EC2_PREFIX_TO_RESOURCE.get(get_prefix(self.id), "")
        return [
            {"resource_id": self.id, "key": key, "value": value, "resource_type": kind}
            for key, value in self.ec2_backend.tags.get(self.id, {}).items()
        ]

    TaggedEC2Resource.get_tags = get_tags
