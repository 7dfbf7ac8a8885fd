"""EC2's resources and tags as IAM sees them: their ARNs, and the condition keys that a call has on them."""

from dataclasses import dataclass, field

from aws.ec2.state import backend_of
from aws.settings import ACCOUNT

_KINDS = {
    "ami": "image",
    "snap": "snapshot",
    "i": "instance",
    "vol": "volume",
    "eni": "network-interface",
    "sg": "security-group",
    "subnet": "subnet",
    "vpc": "vpc",
    "lt": "launch-template",
    "amiur": "image-usage-report",
}


@dataclass
class Check:
    """An action on a resource, or on one of `others` where the call does not say which."""

    action: str
    resource: str = "*"
    context: dict = field(default_factory=dict)
    others: tuple[str, ...] = ()


def resource_check(action: str, resource_id: str, region: str, **more) -> Check:
    """A check on an EC2 resource, with the tags that it has, in the Recycle Bin too."""
    kind = _KINDS.get(resource_id.split("-")[0], "*")
    account = "" if kind in ("image", "snapshot") else ACCOUNT
    context = {"ec2:Region": region, **more}
    for key, value in backend_of(region).tags.get(resource_id, {}).items():
        context[f"aws:ResourceTag/{key}"] = context[f"ec2:ResourceTag/{key}"] = value
    return Check(action, f"arn:aws:ec2:{region}:{account}:{kind}/{resource_id}", context)


def list_of(params: dict, name: str) -> list[str]:
    return [value for key, value in params.items() if key.startswith(f"{name}.") and key[len(name) + 1 :].isdigit()]


def tags_of(params: dict, prefix: str) -> dict[str, str]:
    found, number = {}, 1
    while f"{prefix}.{number}.Key" in params:
        found[params[f"{prefix}.{number}.Key"]] = params.get(f"{prefix}.{number}.Value", "")
        number += 1
    return found


def specified_tags(params: dict) -> dict[str, dict[str, str]]:
    found, number = {}, 1
    while kind := params.get(f"TagSpecification.{number}.ResourceType"):
        found[kind] = tags_of(params, f"TagSpecification.{number}.Tag")
        number += 1
    return found


def tag_keys(tags: dict[str, str]) -> dict:
    if not tags:
        return {}
    return {**{f"aws:RequestTag/{key}": value for key, value in tags.items()}, "aws:TagKeys": list(tags)}
