"""Parameters of the data type `aws:ec2:image`, whose value is looked at after PutParameter has answered.

https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-ec2-aliases.html: the answer has the version
to come; until the value is found good (its form too) a new parameter is not there and an old one keeps its value, for
ever if it is bad: then "Parameter Store Change" has an `exception`. It is read as the caller reads images
(`ec2:DescribeImages`: github.com/aws/aws-sdk-java/issues/2919). Another write meanwhile is refused; the page has no code
for it, TooManyUpdates is the one of the API's that fits. MiniStack takes any value at once.
"""

import contextvars
import json
import re
import threading

from ministack.core.responses import error_response_json, get_account_id, get_region, json_response
from ministack.services import ssm

from aws import iam
from aws.aws_events import put_aws_event
from aws.ec2.state import backend_of
from aws.iam_ec2_resources import Check

IMAGE = "aws:ec2:image"
DEFAULT_SECONDS = 0.3
UNREADABLE = "Unable to Describe Resource"
IMAGE_ID = re.compile(r"ami-([0-9a-f]{8}|[0-9a-f]{17})")


class Validation:
    """How long it takes; a test can make it longer."""

    seconds = DEFAULT_SECONDS
    running: set[tuple[str, str, str]] = set()


def reset() -> None:
    Validation.seconds = DEFAULT_SECONDS


def install() -> None:
    ssm._put_parameter = _later(ssm._put_parameter)


def _later(put):
    def put_later(data: dict):
        existing = ssm._parameters.get(data.get("Name"))
        kind = data.get("DataType") or (existing or {}).get("DataType") or "text"
        data = {**data, "DataType": kind}
        if existing and kind != existing["DataType"] and IMAGE in (kind, existing["DataType"]):
            message = f"The data type of a parameter cannot be changed from {existing['DataType']} to {kind}."
            return error_response_json("ValidationException", message, 400)
        if kind != IMAGE:
            return put(data)
        return _begin(put, data, existing)

    return put_later


def _begin(put, data: dict, existing: dict | None):
    """Answers, and writes once the value is found good."""
    if (data.get("Type") or (existing or {}).get("Type") or "String") != "String":
        return error_response_json("ValidationException", f"The data type {IMAGE} is one of a String.", 400)
    if existing and not data.get("Overwrite"):
        return put(data)
    key = get_account_id(), get_region(), data["Name"]
    if key in Validation.running:
        message = f"The parameter {data['Name']} is still being validated. Try again in five minutes."
        return error_response_json("TooManyUpdates", message, 400)
    Validation.running.add(key)
    run = contextvars.copy_context().run
    timer = threading.Timer(Validation.seconds, run, (_finish, put, data, key))
    timer.daemon = True
    timer.start()
    return json_response({"Version": (existing["Version"] if existing else 0) + 1, "Tier": "Standard"})


def _finish(put, data: dict, key: tuple[str, str, str]) -> None:
    """What was deleted meanwhile is made anew."""
    Validation.running.discard(key)
    name, existing = data["Name"], ssm._parameters.get(data["Name"])
    if not _is_available(data.get("Value", "")):
        operation = "Update" if existing else "Create"
        detail = {"exception": UNREADABLE, "dataType": IMAGE, "name": name, "type": "String", "operation": operation}
        put_aws_event("aws.ssm", "Parameter Store Change", detail, [ssm._param_arn(name)], get_region())
        return
    status, _, body = put({"Type": "String", **data})
    if status != 200:
        raise RuntimeError(f"{name} was taken and then refused: {json.loads(body)}")


def _is_available(value: str) -> bool:
    """An image that the caller sees in this region, and can use."""
    image = backend_of(get_region()).amis.get(value) if IMAGE_ID.fullmatch(value) else None
    return image is not None and image.state == "available" and iam.caller_may(Check("ec2:DescribeImages"))
