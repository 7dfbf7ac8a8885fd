"""What MiniStack refuses a template for: event archives, event bus policies, alarms on metric math."""

import json

from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners


def install() -> None:
    provisioners._RESOURCE_HANDLERS.update(
        {
            "AWS::Events::Archive": {"create": _create_archive, "update": _update_archive, "delete": _delete_archive},
            "AWS::Events::EventBusPolicy": {
                "create": _create_policy,
                "update": _update_policy,
                "delete": _delete_policy,
            },
        }
    )


    alarm = provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::Alarm"]
    create, update = alarm["create"], alarm["update"]
    alarm["create"] = lambda logical_id, props, stack: create(logical_id, _one_metric(props), stack)
    alarm["update"] = lambda physical_id, old, new, *rest, **named: update(
        physical_id, _one_metric(old), _one_metric(new), *rest, **named
    )


def _one_metric(props: dict) -> dict:
    """An alarm on metric math is kept as one on a metric that nobody writes: it is there, and never changes."""
    if not props.get("Metrics"):
        return props
    kept = {name: value for name, value in props.items() if name != "Metrics"}
    return {**kept, "Namespace": "Amity/MetricMath", "MetricName": "MetricMath", "Statistic": "Sum", "Period": 300}


def _archive_request(name: str, props: dict) -> dict:
    """The API takes the event pattern as a string and the retention as a number."""
    request = {"ArchiveName": name, "EventSourceArn": props["SourceArn"], "Description": props.get("Description", "")}
    pattern = props.get("EventPattern")
    if pattern:
        request["EventPattern"] = pattern if isinstance(pattern, str) else json.dumps(pattern)
    return {**request, "RetentionDays": int(props.get("RetentionDays", 0))}


def _check(answer: tuple, what: str) -> dict:
    if answer[0] >= 400:
        raise ValueError(f"{what}: {answer[2]!r}")
    return json.loads(answer[2])


def _create_archive(logical_id: str, props: dict, stack_name: str) -> tuple[str, dict]:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-events-archive.html."""
    name = props.get("ArchiveName") or provisioners._physical_name(stack_name, logical_id, max_len=48)
    made = _check(eventbridge._create_archive(_archive_request(name, props)), "AWS::Events::Archive")
    return name, {"Arn": made["ArchiveArn"], "ArchiveName": name}


def _update_archive(physical_id: str, old: dict, new: dict, stack_name: str) -> tuple[str, dict]:
    """Its name and its source can only be replaced."""
    if new.get("ArchiveName", physical_id) != physical_id or new["SourceArn"] != old.get("SourceArn"):
        return _create_archive(physical_id, new, stack_name)
    made = _check(eventbridge._update_archive(_archive_request(physical_id, new)), "AWS::Events::Archive")
    return physical_id, {"Arn": made["ArchiveArn"], "ArchiveName": physical_id}


def _delete_archive(physical_id: str, props: dict) -> None:
    eventbridge._delete_archive({"ArchiveName": physical_id})


def _create_policy(logical_id: str, props: dict, stack_name: str) -> tuple[str, dict]:
    """One statement of a bus's policy, which keeps the others.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-events-eventbuspolicy.html.
    """
    bus, error = eventbridge._event_bus_name_from_ref(props.get("EventBusName") or "default")
    if error or bus not in eventbridge._event_buses:
        raise ValueError(f"AWS::Events::EventBusPolicy: event bus {bus} does not exist")
    statement = props.get("Statement")
    if isinstance(statement, str):
        statement = json.loads(statement)
    if statement is None:
        request = {**props, "EventBusName": bus}
        _check(eventbridge._put_permission(request), "AWS::Events::EventBusPolicy")
    else:
        policy = eventbridge._event_bus_policies.setdefault(bus, {"Version": "2012-10-17", "Statement": []})
        kept = [each for each in policy["Statement"] if each.get("Sid") != props["StatementId"]]
        policy["Statement"] = [*kept, {**statement, "Sid": props["StatementId"]}]
    return f"{bus}|{props['StatementId']}", {}


def _update_policy(physical_id: str, old: dict, new: dict, stack_name: str) -> tuple[str, dict]:
    made = _create_policy(physical_id, new, stack_name)
    if made[0] != physical_id:
        _delete_policy(physical_id, old)
    return made


def _delete_policy(physical_id: str, props: dict) -> None:
    bus, _, statement_id = physical_id.rpartition("|")
    eventbridge._remove_permission({"EventBusName": bus, "StatementId": statement_id})
