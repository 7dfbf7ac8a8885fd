"""What EventBridge Scheduler hands to a target: its context attributes filled in, and to a bus an event of its own.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html and
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html. MiniStack hands the attributes
over as they are written, and a bus gets its "Scheduled Event", whatever the schedule's EventBridgeParameters say.
"""

import time

from datetime import datetime, timezone

from ministack.core.responses import new_uuid
from ministack.services import eventbridge


def install() -> None:
    invoke = eventbridge._invoke_target

    def invoke_in_context(target: dict, event: dict, rule: dict, view=None) -> None:
        if event.get("Source") == "aws.scheduler" and target.get("Input"):
            target = {**target, "Input": _fill(target["Input"], event, rule)}
        if event.get("Source") == "aws.scheduler" and target.get("EventBridgeParameters"):
            # PutEvents: the event's time is that of the call.
            event = {**event, **target["EventBridgeParameters"], "Time": int(time.time())}
            target = {**target, "Input": target.get("Input") or "{}"}
        invoke(target, event, rule, view)

    eventbridge._invoke_target = invoke_in_context


def _fill(text: str, event: dict, schedule: dict) -> str:
    at = datetime.fromtimestamp(event["Time"], tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    values = {
        "schedule-arn": schedule.get("Arn", ""),
        "scheduled-time": at,
        "execution-id": new_uuid(),
        "attempt-number": "1",
    }
    for name, value in values.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text
