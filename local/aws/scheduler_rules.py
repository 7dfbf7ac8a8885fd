"""What EventBridge Scheduler refuses a schedule for.

https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html and
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html: `at(yyyy-mm-ddThh:mm:ss)`, without fractions
and without a zone, which is a parameter of its own. A time in the past is no error (LocalStack's test, checked against
AWS: tests_create_schedule_with_valid_schedule_expression); the schedule is due at once.
"""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ministack.core import iam_evaluator
from ministack.core.responses import get_region
from ministack.services import iam

from aws.settings import ACCOUNT

SERVICE = "scheduler.amazonaws.com"
NAME = re.compile(r"[0-9a-zA-Z_.-]{1,64}")
AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
RATE = re.compile(r"rate\(\d+ (minute|hour|day)s?\)")
CRON = re.compile(r"cron\(\S+( \S+){5}\)")
MAX_DETAIL_TYPE = 128
MAX_SOURCE = 256


def due_at(schedule: dict) -> float | None:
    """When a one-time schedule is due, in seconds since the epoch; none for a recurring one."""
    found = AT.fullmatch(schedule.get("ScheduleExpression", ""))
    if found is None:
        return None
    zone = read_zone(schedule.get("ScheduleExpressionTimezone") or "UTC") or timezone.utc
    return datetime.fromisoformat(found[1]).replace(tzinfo=zone).timestamp()


def read_zone(name: str) -> tzinfo | None:
    """UTC without the zone files, which not every machine has."""
    try:
        return timezone.utc if name == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def refusals(name: str, body: dict) -> Iterator[str]:
    """What is wrong with a schedule, in the service's words where they are known."""
    expression, zone = body.get("ScheduleExpression") or "", body.get("ScheduleExpressionTimezone") or "UTC"
    if not NAME.fullmatch(name):
        yield _constraint("name", "Member must satisfy regular expression pattern: ^[0-9a-zA-Z-_.]+$")
    if not _is_expression(expression):
        yield f"Invalid Schedule Expression {expression}."
    if read_zone(zone) is None:
        yield f"Invalid ScheduleExpressionTimezone {zone}."
    window = body.get("FlexibleTimeWindow") or {}
    if window.get("Mode") not in ("OFF", "FLEXIBLE"):
        yield _constraint("flexibleTimeWindow.mode", "Member must satisfy enum value set: [OFF, FLEXIBLE]")
    if (window.get("Mode") == "FLEXIBLE") != ("MaximumWindowInMinutes" in window):
        yield "MaximumWindowInMinutes must be provided when the flexible time window is FLEXIBLE, and only then."
    yield from _of_target(body.get("Target") or {}, body.get("GroupName") or "default")


def _is_expression(expression: str) -> bool:
    found = AT.fullmatch(expression)
    if found is None:
        return bool(RATE.fullmatch(expression) or CRON.fullmatch(expression))
    try:
        datetime.fromisoformat(found[1])
    except ValueError:
        return False
    return True


def _of_target(target: dict, group: str) -> Iterator[str]:
    for name in ("Arn", "RoleArn"):
        if not target.get(name):
            yield _constraint(f"target.{name[0].lower()}{name[1:]}", "Member must not be null")
    retry = target.get("RetryPolicy") or {}
    for name, least, most in (("MaximumEventAgeInSeconds", 60, 86_400), ("MaximumRetryAttempts", 0, 185)):
        if not least <= retry.get(name, least) <= most:
            yield _constraint(f"target.retryPolicy.{name}", f"Member must be between {least} and {most}")
    if ":event-bus/" in target.get("Arn", ""):
        yield from _of_bus(target)
    if target.get("RoleArn") and not _may_assume(target["RoleArn"], group):
        yield "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."


def _of_bus(target: dict) -> Iterator[str]:
    """The templated target PutEvents, whose input is the event's detail."""
    parameters = target.get("EventBridgeParameters") or {}
    kind, source = parameters.get("DetailType") or "", parameters.get("Source") or ""
    if not 1 <= len(kind) <= MAX_DETAIL_TYPE:
        yield _constraint("target.eventBridgeParameters.detailType", f"Member must have length 1 to {MAX_DETAIL_TYPE}")
    if not 1 <= len(source) <= MAX_SOURCE or source.startswith("aws."):
        yield _constraint("target.eventBridgeParameters.source", r"Member must match (?=[/\.\-_A-Za-z0-9]+)((?!aws\.).*)")
    try:
        detail = json.loads(target.get("Input") or "{}")
    except ValueError:
        detail = None
    if not isinstance(detail, dict):
        yield "Invalid request provided: Input must be a well-formed JSON object for this target."


def _may_assume(role_arn: str, group: str) -> bool:
    """By the role's trust policy, whose conditions can name the account and the group.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    """
    role = iam._roles.get(role_arn.rsplit("/", 1)[-1])
    if role is None or role["Arn"] != role_arn:
        return False
    document = role["AssumeRolePolicyDocument"]
    policy = json.loads(document) if isinstance(document, str) else document
    group_arn = f"arn:aws:scheduler:{get_region()}:{ACCOUNT}:schedule-group/{group}"
    context = iam_evaluator.EvalContext(
        principal_arn=SERVICE,
        principal_type="Service",
        principal_account=ACCOUNT,
        action="sts:AssumeRole",
        resource_arn=role_arn,
        region=get_region(),
        service_context={"aws:sourceaccount": ACCOUNT, "aws:sourcearn": group_arn},
    )
    statements = [{**each, "Resource": "*"} for each in policy.get("Statement", [])]
    found = iam_evaluator.evaluate_resource_policy({"Statement": statements}, context, service=SERVICE)
    return found.decision == "Allow"


def _constraint(field: str, rule: str) -> str:
    return f"1 validation error detected: Value at '{field}' failed to satisfy constraint: {rule}"
