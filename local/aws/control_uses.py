"""Uses of an image that this account cannot make here (Image Builder's, other accounts'), and time in the bin."""

from datetime import datetime, timedelta, timezone

from aws.ec2.recycle_rules import expire
from aws.ec2.region import Recipe, region_of
from aws.ec2.usage_reports import TYPES, Report
from aws.settings import ACCOUNT

RECIPES = {"image": "imagebuilder:ImageRecipe", "container": "imagebuilder:ContainerRecipe"}


def add_recipe(backend, wanted: dict) -> dict:
    """An image or container recipe whose base is an image."""
    kind, name = wanted.get("kind", "image"), wanted.get("name", "recipe")
    arn = f"arn:aws:imagebuilder:{backend.region_name}:{ACCOUNT}:{kind}-recipe/{name}/1.0.0"
    region_of(backend).recipes.append(Recipe(RECIPES[kind], wanted["imageId"], arn))
    return {"arn": arn}


def set_usage(backend, wanted: dict) -> None:
    """How many resources of a type another account has that use an image; reports made from now on say so."""
    key = wanted["accountId"], _resource_type(wanted.get("resourceType", "ec2:Instance"))
    usage = region_of(backend).usage.setdefault(wanted["imageId"], {})
    usage.pop(key, None)
    if wanted["count"] > 0:
        usage[key] = wanted["count"]


def add_report(backend, wanted: dict) -> dict:
    """A report of any age, over every resource type unless given, with the usage there is; or one that failed."""
    types = [{"ResourceType": _resource_type(each)} for each in wanted.get("resourceTypes", sorted(TYPES))]
    created = datetime.now(timezone.utc) - timedelta(days=wanted.get("ageDays", 0))
    report, here = Report(wanted["imageId"], types, wanted.get("accountIds", []), created), region_of(backend)
    state = wanted.get("state", "available")
    if state == "available":
        report.finish(here.usage.get(report.image_id, {}))
    report.state, report.reason = state, wanted.get("stateReason")
    here.reports[report.id] = report
    return {"reportId": report.id}


def empty_bin(backend) -> None:
    """As if the retention of all that is in the Recycle Bin had run out."""
    expire(backend, datetime.max.replace(tzinfo=timezone.utc))


def _resource_type(kind: str) -> str:
    if kind not in TYPES:
        raise ValueError(f"resourceType must be one of {', '.join(sorted(TYPES))}; got {kind}")
    return kind
