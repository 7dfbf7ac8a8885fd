"""EventBridge Scheduler's schedules: made as the service makes them, one-time ones in their own time zone, fired by hand.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-delete.html: with the action DELETE a one-time
schedule is gone once it has invoked its target. MiniStack takes every expression and no client token, reads `at(…)` as
UTC, looks once in ten seconds, and drops the time zone of a template's schedule. AWS fires within the minute that is
named (here: within a fifth of a second). What the target does not take is not tried again here.
"""

import logging
import math
import threading
import time

from ministack.core.responses import get_account_id, get_region, new_uuid, set_request_account_id, set_request_region
from ministack.services import eventbridge, scheduler
from ministack.services.cloudformation import provisioners

from aws.scheduler_rules import due_at, refusals

TICK_SECONDS = 0.2
OFTEN = 50
# The request that a schedule was made by with a client token: (token, the request), under the schedule's ARN.
_asked: dict[str, tuple[str, dict]] = {}
_firing = threading.Lock()
logger = logging.getLogger("amity.scheduler")


def install() -> None:
    create, tick = scheduler._create_schedule, scheduler._tick_schedules
    scheduler._create_schedule = lambda name, body: _create(create, name, body)
    scheduler._update_schedule = _checked(scheduler._update_schedule)
    # One-time schedules are not MiniStack's to fire.
    scheduler._at_time_epoch = lambda expression: math.inf if expression.startswith("at(") else None
    scheduler._ticker_loop = lambda: _look_often(tick)
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Scheduler::Schedule"]
    update = handlers["update"]
    handlers["create"] = _create_of_template
    handlers["update"] = lambda *arguments: _update_of_template(update, *arguments)


def fire(name: str, group: str) -> None:
    """As if the schedule's time had come."""
    key = f"{group}/{name}"
    if key not in scheduler._schedules:
        raise ValueError(f"There is no schedule {name} in the group {group}")
    _fire((get_account_id(), get_region(), key))


def _create(create, name: str, body: dict):
    """With the client token of the schedule that is there, and the same request, it answers as it did before."""
    key, token = f"{body.get('GroupName') or 'default'}/{name}", body.get("ClientToken")
    held = scheduler._schedules.get(key)
    if held and token and _asked.get(held["Arn"]) == (token, body):
        return scheduler._json_resp(200, {"ScheduleArn": held["Arn"]})
    answer = _checked(create)(name, body)
    if answer[0] == 200:
        _asked[scheduler._schedules[key]["Arn"]] = (token or "", body)
    return answer


def _checked(change):
    def change_checked(name: str, body: dict):
        refused = next(refusals(name, body), None)
        if refused is not None:
            return scheduler._error(400, "ValidationException", refused)
        answer = change(name, body)
        if answer[0] == 200:
            # It may have been fired under this name before.
            key = f"{body.get('GroupName') or 'default'}/{name}"
            scheduler._schedule_last_fired.pop((get_account_id(), get_region(), key), None)
        return answer

    return change_checked


def _create_of_template(logical_id: str, props: dict, stack_name: str) -> tuple[str, dict]:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-scheduler-schedule.html."""
    name = props.get("Name") or provisioners._physical_name(stack_name, logical_id, max_len=64)
    status, _, body = scheduler._create_schedule(name, props)
    if status != 200:
        raise ValueError(f"AWS::Scheduler::Schedule: {body!r}")
    return name, {"Arn": scheduler._schedule_arn(props.get("GroupName") or "default", name)}


def _update_of_template(update, name: str, old: dict, new: dict, stack_name: str, *rest) -> tuple[str, dict]:
    made = update(name, old, new, stack_name, *rest)
    schedule = scheduler._schedules.get(f"{new.get('GroupName') or 'default'}/{made[0]}")
    if schedule is not None:
        schedule["ScheduleExpressionTimezone"] = new.get("ScheduleExpressionTimezone") or "UTC"
    return made


def _look_often(tick) -> None:
    """One-time schedules every look, the recurring ones, which are costly to reckon, as often as MiniStack does."""
    looks = 0
    while True:
        time.sleep(TICK_SECONDS)
        looks += 1
        try:
            _fire_due()
            if looks % OFTEN == 0:
                tick()
        except Exception:
            logger.exception("The schedules could not be looked at")


def _fire_due() -> None:
    now = time.time()
    for state_key, schedule in list(scheduler._schedules._data.items()):
        at = due_at(schedule) if schedule.get("State") == "ENABLED" else None
        if at is not None and at <= now and state_key not in scheduler._schedule_last_fired:
            _fire(state_key)


def _fire(state_key: tuple[str, str, str]) -> None:
    """Once, also when it is fired by hand at its own time."""
    account, region, _ = state_key
    with _firing:
        schedule = scheduler._schedules._data.get(state_key)
        one_time = schedule is not None and due_at(schedule) is not None
        if schedule is None or (one_time and state_key in scheduler._schedule_last_fired):
            return
        scheduler._schedule_last_fired[state_key] = time.time()
    before = get_account_id(), get_region()
    set_request_account_id(account)
    set_request_region(region)
    try:
        eventbridge._invoke_target(schedule["Target"], _event(schedule, account, region), schedule)
    finally:
        set_request_account_id(before[0])
        set_request_region(before[1])
    if one_time and schedule.get("ActionAfterCompletion") == "DELETE":
        scheduler._schedules._data.pop(state_key, None)
        scheduler._schedule_last_fired.pop(state_key, None)


def _event(schedule: dict, account: str, region: str) -> dict:
    at = due_at(schedule)
    return {
        "EventId": new_uuid(),
        "Source": "aws.scheduler",
        "DetailType": "Scheduled Event",
        "Detail": "{}",
        "Time": int(time.time() if at is None else at),
        "Resources": [schedule["Arn"]],
        "Account": account,
        "Region": region,
    }
