"""IAM enforced: Lambda functions act under their roles, and each call is checked as `iam_checks` says.

Switched by `PUT /_amity/auth`, or from the start. The account's own key (000000000000) stays all-powerful, as a
root user is. What state machines, schedules and rules do is checked in `iam_services`.
"""

import contextvars
import secrets

from ministack import app as ministack_app
from ministack.core import iam_actions, iam_evaluator, lambda_runtime
from ministack.core.responses import get_account_id, get_region
from ministack.services import sts

from aws import iam_services
from aws.calls import Call, Journal, read_call
from aws.iam_checks import checks_for
from aws.iam_ec2_resources import Check, resource_check
from aws.settings import ACCOUNT

_enforce = iam_evaluator.enforce
_extract = iam_actions.extract_resource_arn
_resolve = iam_evaluator._resolve_condition_key
_request: contextvars.ContextVar[tuple[Call, list[Check] | None] | None] = contextvars.ContextVar(
    "amity_checks", default=None
)
_access_key: contextvars.ContextVar[str] = contextvars.ContextVar("amity_access_key", default="")


def install(journal: Journal) -> None:
    iam_actions.extract_resource_arn = _remember_request
    iam_evaluator.enforce = lambda *args, **named: _enforce_each(journal, *args, **named)
    iam_evaluator._resolve_condition_key = _resolve_key
    iam_services.install(journal)


def switch(enforced: bool) -> None:
    """A warm worker keeps the credentials that it was started with, so all start anew."""
    ministack_app.AUTH = enforced
    lambda_runtime.reset()


def start_session(role_arn: str) -> dict:
    """Credentials of a role, without its trust policy: for a test that shows what the role may not do.

    A role of another account need not exist: what its own account lets it do is not checked, what ours does is.
    """
    account, role = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    made = {"accessKeyId": f"ASIA{secrets.token_hex(8).upper()}", "secretAccessKey": secrets.token_hex(20)}
    made["sessionToken"] = secrets.token_hex(32)
    record = {"Arn": f"arn:aws:sts::{account}:assumed-role/{role}/test", "UserId": f"{role}:test"}
    keys = {"SecretAccessKey": made["secretAccessKey"], "SessionToken": made["sessionToken"]}
    sts.register_session(made["accessKeyId"], {**record, **keys})
    return made


def may_delete_snapshot(snapshot_id: str) -> bool:
    """DeregisterImage deletes snapshots only where its caller may."""
    return caller_may(resource_check("ec2:DeleteSnapshot", snapshot_id, get_region()))


def caller_may(check: Check) -> bool:
    """What a service does in the name of the caller whose call is being answered."""
    return not ministack_app.AUTH or _denied(_access_key.get(), check, get_region()) is None


def _remember_request(service, method, path, headers, body, query_params, region, account_id) -> str:
    call = read_call(service, method, path, headers, body, query_params)
    _request.set((call, checks_for(call, region)))
    return _extract(service, method, path, headers, body, query_params, region, account_id)


def _enforce_each(journal: Journal, access_key, iam_action, service, region, resource_arn="*", service_context=None):
    """All of the call's checks at the first of MiniStack's; the later ones of the same call are then done."""
    _access_key.set(access_key or "")
    call, checks = _request.get() or (None, None)
    if get_account_id() != ACCOUNT and iam_action == "events:PutEvents":
        denied = iam_evaluator.check_credentials(access_key, service)
    elif checks is None:
        denied = _enforce(access_key, iam_action, service, region, resource_arn, service_context)
    else:
        _request.set((call, []))
        found = (_denied(access_key, check, region) for check in checks)
        denied = next((each for each in found if each is not None), None)
    if denied is not None and call is not None:
        call.status, call.error_code = 403, "AccessDenied"
        journal.add(call)
    return denied


def _denied(access_key: str, check: Check, region: str):
    service = check.action.split(":")[0]
    for resource in (check.resource, *check.others):
        denied = _enforce(access_key, check.action, service, region, resource, check.context)
        if denied is None:
            return None
    return denied


def _resolve_key(key: str, context) -> object:
    """On AWS every call comes over TLS; here none does."""
    return "true" if key.lower() == "aws:securetransport" else _resolve(key, context)
