"""The context attributes of EventBridge Scheduler, which MiniStack hands over as they are written.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html.
"""

from datetime import datetime, timezone

from ministack.core.responses import new_uuid
from ministack.services import eventbridge


def install() -> None:
    invoke = eventbridge._invoke_target

    def invoke_in_context(target: dict, event: dict, rule: dict, view=None) -> None:
        if event.get("Source") == "aws.scheduler" and target.get("Input"):
            target = {**target, "Input": _fill(target["Input"], event, rule)}
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
