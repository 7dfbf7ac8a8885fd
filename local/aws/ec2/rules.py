"""What CreateImage and CopyImage accept as a name and as tags.

Names: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html (Constraints).
Tags: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions.
"""

import re

from aws.ec2.errors import ec2_error, invalid_parameter, missing_parameter

_NAME = re.compile(r"[A-Za-z0-9()\[\] ./\-'@_]{3,128}")
MAX_TAGS = 50


def check_name(name: str | None) -> str:
    if not name:
        raise missing_parameter("name")
    if not _NAME.fullmatch(name):
        raise ec2_error(
            "InvalidAMIName.Malformed",
            "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, "
            "'(', ')', '.', '-', '/' and '_'",
        )
    return name


def check_tags(tags: list[dict]) -> dict[str, str]:
    """The tags of one resource as a mapping, refused as EC2 refuses them."""
    found: dict[str, str] = {}
    for tag in tags:
        key, value = tag.get("Key") or "", tag.get("Value") or ""
        if not key:
            raise invalid_parameter("Tag key cannot be null or empty.")
        if key.lower().startswith("aws:"):
            raise invalid_parameter("Tag keys starting with 'aws:' are reserved for internal use")
        if len(key) > 127:
            raise invalid_parameter("Tag key exceeds the maximum length of 127 characters")
        if len(value) > 256:
            raise invalid_parameter("Tag value exceeds the maximum length of 256 characters")
        if key in found:
            raise invalid_parameter(f"Duplicate tag key '{key}' specified.")
        found[key] = value
    if len(found) > MAX_TAGS:
        raise ec2_error("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.")
    return found


def read_tag_specifications(specifications: list[dict], allowed: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Tags by resource type; a type that the action does not create is refused."""
    found: dict[str, dict[str, str]] = {}
    for specification in specifications:
        kind = specification.get("ResourceType")
        if not kind:
            raise invalid_parameter("Tag specification resource type must have a value")
        if kind not in allowed:
            raise invalid_parameter(f"'{kind}' is not a valid taggable resource type for this operation.")
        if kind in found:
            raise invalid_parameter("The same resource type may not be specified more than once in tag specifications")
        if not specification.get("Tags"):
            raise invalid_parameter("Tag specification must have at least one tag")
        found[kind] = check_tags(specification["Tags"])
    return found
