"""Replays that keep to their rules, and that nobody can rely on further than AWS promises.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-replay-archived-event.html: a replay goes by the
events' own time, only to the rules in `FilterArns` when there are any, marks each event with `replay-name`,
and keeps no order. Nothing promises that an event keeps its id, so here it gets another.
"""

import random
import threading

from ministack.core.responses import (
    error_response_json,
    get_account_id,
    get_region,
    new_uuid,
    set_request_account_id,
    set_request_region,
)
from ministack.services import eventbridge

_start = eventbridge._start_replay


def install() -> None:
    eventbridge._start_replay = start_replay


def start_replay(data: dict):
    """MiniStack's own checks and record, then a delivery of our own."""
    filters = (data.get("Destination") or {}).get("FilterArns") or []
    begin = eventbridge._coerce_timestamp(data.get("EventStartTime"))
    end = eventbridge._coerce_timestamp(data.get("EventEndTime"))
    if begin is None or end is None or begin >= end:
        message = "EventEndTime must be after EventStartTime."
        return error_response_json("ValidationException", message, 400)
    known = {rule["Arn"] for rule in eventbridge._rules.values()}
    for arn in filters:
        if arn not in known:
            return error_response_json("ResourceNotFoundException", f"Rule {arn} does not exist.", 400)
    # Its thread finds nothing to deliver in a window that ends before it begins.
    answer = _start({**data, "EventStartTime": 1, "EventEndTime": 0})
    if answer[0] != 200:
        return answer
    replay = eventbridge._replays[data["ReplayName"]]
    replay.update(EventStartTime=begin, EventEndTime=end, State="STARTING")
    scope = get_account_id(), get_region()
    threading.Thread(target=_deliver, args=(scope, replay, set(filters)), daemon=True).start()
    return answer


def _deliver(scope: tuple[str, str], replay: dict, filters: set[str]) -> None:
    set_request_account_id(scope[0])
    set_request_region(scope[1])
    name, _ = eventbridge._archive_name_from_ref(replay["EventSourceArn"])
    bus, _ = eventbridge._event_bus_name_from_ref(replay["Destination"]["Arn"])
    archived = list(eventbridge._archives[name].get("Events", []))
    window = [each for each in archived if replay["EventStartTime"] <= each["Time"] <= replay["EventEndTime"]]
    random.shuffle(window)
    replay["State"] = "RUNNING"
    for event in window:
        if replay["State"] == "CANCELLED":
            return
        again = {**event, "EventId": new_uuid(), "EventBusName": bus, "ReplayName": replay["ReplayName"]}
        _dispatch(again, bus, filters)
        replay["EventLastReplayedTime"] = event["Time"]
    replay["State"] = "COMPLETED"
    replay["ReplayEndTime"] = eventbridge._now_ts()


def _dispatch(event: dict, bus: str, filters: set[str]) -> None:
    view = eventbridge._pattern_event_view(event)
    for key, rule in list(eventbridge._rules.items()):
        if rule.get("EventBusName", "default") != bus or rule.get("State") != "ENABLED":
            continue
        if not rule.get("EventPattern") or (filters and rule["Arn"] not in filters):
            continue
        if eventbridge._matches_pattern_view(rule["EventPattern"], view, f"rule {key}"):
            for target in eventbridge._targets.get(key, []):
                eventbridge._invoke_target(target, event, rule, view)
