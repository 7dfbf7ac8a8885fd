"""PutEvents as EventBridge answers it, entry by entry, and the entry's own `Time`.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html. MiniStack takes anything and
stamps its own time. What AWS accepts and loses without a word stays so here: an unknown bus
(github.com/aws/aws-cli/issues/9186) and a detail type of over 128 characters.
"""

import json
import time

from ministack.core.responses import error_response_json, get_account_id, get_region, json_response, new_uuid
from ministack.services import eventbridge

from aws import cross_account

MAX_ENTRIES = 10
MAX_REQUEST_BYTES = 1_048_576
MAX_DETAIL_TYPE = 128


def install() -> None:
    eventbridge._put_events = put_events


def put_events(data: dict, allow_aws_source: bool = False):
    """`allow_aws_source` is for AWS's own events, which no caller may put."""
    entries = data.get("Entries") or []
    if not 1 <= len(entries) <= MAX_ENTRIES:
        return error_response_json(
            "ValidationException",
            "1 validation error detected: Value at 'entries' failed to satisfy constraint: "
            f"Member must have length between 1 and {MAX_ENTRIES}",
            400,
        )
    if sum(_size(entry) for entry in entries) > MAX_REQUEST_BYTES:
        message = "Total size of the entries in the request is over the limit."
        return error_response_json("ValidationException", message, 400)
    refused = cross_account.refuse(entries)
    if refused is not None:
        return refused
    results = [_put(entry, allow_aws_source) for entry in entries]
    failed = sum("ErrorCode" in each for each in results)
    return json_response({"FailedEntryCount": failed, "Entries": results})


def _put(entry: dict, allow_aws_source: bool) -> dict:
    refused = _refuse(entry, allow_aws_source)
    if refused is not None:
        return {"ErrorCode": refused[0], "ErrorMessage": refused[1]}
    account = get_account_id()
    with cross_account.acting_as(cross_account.owner_of(entry.get("EventBusName") or "default")):
        return _put_from(account, entry)


def _put_from(account: str, entry: dict) -> dict:
    bus, bus_error = eventbridge._event_bus_name_from_ref(entry.get("EventBusName") or "default")
    if bus_error:
        return {"ErrorCode": bus_error[0], "ErrorMessage": bus_error[1]}
    event = {
        "EventId": new_uuid(),
        "Source": entry["Source"],
        "DetailType": entry["DetailType"],
        "Detail": entry["Detail"],
        "EventBusName": bus,
        "Time": int(eventbridge._coerce_timestamp(entry.get("Time") or time.time())),
        "Resources": entry.get("Resources") or [],
        "Account": account,
        "Region": get_region(),
    }
    if len(entry["DetailType"]) <= MAX_DETAIL_TYPE:
        eventbridge._events_log_list().append(event)
        view = eventbridge._pattern_event_view(event)
        eventbridge._archive_event(event, view)
        eventbridge._dispatch_event(event, view)
    return {"EventId": event["EventId"]}


def _refuse(entry: dict, allow_aws_source: bool) -> tuple[str, str] | None:
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            return "InvalidArgument", f"Parameter {name} is not valid. Reason: {name} is a required argument."
    if entry["Source"].startswith("aws.") and not allow_aws_source:
        return "NotAuthorizedForSourceException", "Not authorized for the source."
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        detail = None
    return None if isinstance(detail, dict) else ("MalformedDetail", "Detail is malformed.")


def _size(entry: dict) -> int:
    """As AWS counts it: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html."""
    texts = [entry.get(name) or "" for name in ("Source", "DetailType", "Detail")] + (entry.get("Resources") or [])
    return sum(len(text.encode()) for text in texts) + (14 if entry.get("Time") else 0)
