"""Events of AWS's own services."""

import json

from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import eventbridge

from aws.settings import ACCOUNT


def put_aws_event(source: str, detail_type: str, detail: dict, resources: list[str], region: str) -> None:
    """Puts an AWS service's own event on the default bus, which only AWS itself can do."""
    set_request_account_id(ACCOUNT)
    set_request_region(region)
    entry = {"Source": source, "DetailType": detail_type, "Detail": json.dumps(detail), "Resources": resources}
    eventbridge._ensure_default_bus()
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
