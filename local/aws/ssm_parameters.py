"""Public parameters of AWS's own, and the event that Parameter Store sends when a parameter changes.

https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters-ami.html and
https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html. MiniStack sends no event, and
its public parameters name images that are not here.
"""

import time

from ministack.core.responses import get_region
from ministack.services import ssm

from aws.aws_events import put_aws_event
from aws.ec2.catalog import ARM_IMAGE, BASE_IMAGE

_LATEST = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default"
DEFAULTS = {f"{_LATEST}-x86_64": BASE_IMAGE, f"{_LATEST}-arm64": ARM_IMAGE}
_public: dict[tuple[str, str], dict] = {}


def install() -> None:
    ssm._public_parameter = public_parameter
    ssm._put_parameter = _announced(ssm._put_parameter)
    ssm._delete_parameter = _announced(ssm._delete_parameter)
    ssm._delete_parameters = _announced(ssm._delete_parameters)


def reset() -> None:
    _public.clear()


def set_public(region: str, name: str, value: str) -> None:
    """As AWS does when it publishes an image; no account can."""
    if not name.startswith("/aws/service/"):
        raise ValueError(f"A public parameter's name starts with /aws/service/; got {name}")
    before = _public.get((region, name), {"Version": 1 if name in DEFAULTS else 0})
    _public[(region, name)] = {"Value": value, "Version": before["Version"] + 1, "LastModifiedDate": time.time()}


def public_parameter(name: str) -> dict | None:
    """Its ARN has no account."""
    held = _public.get((get_region(), name))
    if held is None and name in DEFAULTS:
        held = {"Value": DEFAULTS[name], "Version": 1, "LastModifiedDate": 1767571200}
    arn = f"arn:aws:ssm:{get_region()}::parameter{name}"
    return None if held is None else {"Name": name, "Type": "String", "ARN": arn, **held}


def _announced(change):
    """The change, and an event for each of its parameters that is another one afterwards."""

    def change_and_announce(data: dict):
        names = [each for each in [data.get("Name"), *data.get("Names", [])] if isinstance(each, str)]
        before = {each: ssm._lookup_parameter(each)[1] for each in names}
        answer = change(data)
        for name in dict.fromkeys(names):
            after = ssm._lookup_parameter(name)[1]
            if after is not before[name]:
                _announce(after or before[name], "Delete" if not after else "Update" if before[name] else "Create")
        return answer

    return change_and_announce


def _announce(parameter: dict, operation: str) -> None:
    detail = {"operation": operation, "name": parameter["Name"], "type": parameter["Type"]}
    if parameter.get("Description"):
        detail["description"] = parameter["Description"]
    put_aws_event("aws.ssm", "Parameter Store Change", detail, [parameter["ARN"]], get_region())
