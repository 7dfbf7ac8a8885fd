"""Events from other accounts, put on a bus of ours by its ARN: only what the bus's policy lets them put.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-permissions.html. MiniStack knows no bus of
another account. The event keeps the account that put it, which is what a rule on `account` goes by.
"""

from contextlib import contextmanager

from ministack.core import iam_evaluator
from ministack.core.responses import error_response_json, get_account_id, get_region, set_request_account_id
from ministack.services import eventbridge

from aws.iam_checks import entry_keys


def owner_of(bus: str) -> str:
    """The account of a bus, named by its name or its ARN."""
    return bus.split(":")[4] if bus.startswith("arn:") else get_account_id()


def refuse(entries: list[dict]):
    """The answer to a call with an entry that a bus of another account does not take; None if all are taken."""
    refused = next((entry for entry in entries if not _takes(entry)), None)
    if refused is None:
        return None
    who = f"arn:aws:iam::{get_account_id()}:root"
    message = (
        f"User: {who} is not authorized to perform: events:PutEvents on resource: {refused['EventBusName']} because "
        "no resource-based policy allows the events:PutEvents action"
    )
    return error_response_json("AccessDeniedException", message, 400)


@contextmanager
def acting_as(account: str):
    before = get_account_id()
    set_request_account_id(account)
    try:
        yield
    finally:
        set_request_account_id(before)


def _takes(entry: dict) -> bool:
    bus = entry.get("EventBusName") or "default"
    caller, owner = get_account_id(), owner_of(bus)
    if caller == owner:
        return True
    with acting_as(owner):
        policy = eventbridge._event_bus_policies.get(bus.rsplit("/", 1)[-1])
    context = iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:iam::{caller}:root",
        principal_type="AssumedRole",
        principal_account=caller,
        action="events:PutEvents",
        resource_arn=bus,
        region=get_region(),
        service_context=entry_keys([entry]),
    )
    return iam_evaluator.evaluate_resource_policy(policy, context).decision == "Allow"
