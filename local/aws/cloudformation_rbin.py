"""AWS::Rbin::Rule, which MiniStack refuses a template for: a retention rule of the Recycle Bin.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rbin-rule.html.
"""

import secrets
import string

from ministack.core.responses import get_region
from ministack.services.cloudformation import provisioners

from aws.ec2.recycle_rules import IMAGE, SNAPSHOT, RetentionRule, Tag
from aws.ec2.region import region_of
from aws.ec2.state import backend_of
from aws.settings import ACCOUNT

MAX_DAYS = 365
MAX_TAGS = 50
MAX_EXCLUDED = 5
_ALPHABET = string.ascii_letters + string.digits


def install() -> None:
    handlers = {"create": _create, "update": _update, "delete": _delete}
    provisioners._RESOURCE_HANDLERS["AWS::Rbin::Rule"] = handlers


def _create(logical_id: str, props: dict, stack_name: str) -> tuple[str, dict]:
    """`Ref` is the rule's ARN."""
    identifier = "".join(secrets.choice(_ALPHABET) for _ in range(11))
    arn = f"arn:aws:rbin:{get_region()}:{ACCOUNT}:rule/{identifier}"
    region_of(backend_of(get_region())).rules[arn] = read_rule(props)
    return arn, {"Arn": arn, "Identifier": identifier}


def _update(physical_id: str, old: dict, new: dict, stack_name: str) -> tuple[str, dict]:
    """What a rule retains cannot change its type: that is another rule."""
    if new.get("ResourceType") != old.get("ResourceType"):
        return _create(physical_id, new, stack_name)
    region_of(backend_of(get_region())).rules[physical_id] = read_rule(new)
    return physical_id, {"Arn": physical_id, "Identifier": physical_id.rpartition("/")[2]}


def _delete(physical_id: str, props: dict) -> None:
    """What is in the bin already stays for its time."""
    region_of(backend_of(get_region())).rules.pop(physical_id, None)


def read_rule(props: dict) -> RetentionRule:
    """The rule, or an error that fails the deployment as the service would."""
    period, kind = props.get("RetentionPeriod") or {}, props.get("ResourceType")
    days = int(period.get("RetentionPeriodValue", 0))
    tags, excluded = _tags(props, "ResourceTags"), _tags(props, "ExcludeResourceTags")
    wrong = {
        "ResourceType": kind not in (IMAGE, SNAPSHOT),
        "RetentionPeriod": not 1 <= days <= MAX_DAYS or period.get("RetentionPeriodUnit") != "DAYS",
        "ResourceTags": len(tags) > MAX_TAGS,
        "ExcludeResourceTags": len(excluded) > MAX_EXCLUDED or bool(tags and excluded),
    }
    for name, is_wrong in wrong.items():
        if is_wrong:
            raise ValueError(f"AWS::Rbin::Rule: {name} is not valid: {props.get(name)!r}")
    return RetentionRule(kind, days, tags, excluded)


def _tags(props: dict, name: str) -> list[Tag]:
    return [(each["ResourceTagKey"], each.get("ResourceTagValue")) for each in props.get(name) or []]
