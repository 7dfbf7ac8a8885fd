"""What a request asks for, whatever the protocol, and the journal of the requests received.

A test counts calls and looks at their times (`GET /_amity/calls`); a fault is matched against a call.
"""

import contextvars
import itertools
import json
import time
from collections import deque
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

JOURNAL_LENGTH = 50_000
# REST services whose query and body are kept too; what a function is invoked with is not a parameter of the call.
REST_JSON = {"scheduler"}


@dataclass
class Call:
    """One call of one action. `params` is flat for the query protocol (`Filter.1.Name`), else as sent."""

    service: str
    action: str
    params: dict
    id: int = 0
    time: float = field(default_factory=time.time)
    status: int | None = None
    error_code: str | None = None
    fault: str | None = None

    def view(self) -> dict:
        """The call as the control endpoint shows it; times are in milliseconds since the epoch."""
        return {
            "id": self.id,
            "time": round(self.time * 1000),
            "service": self.service,
            "action": self.action,
            "params": self.params,
            "status": self.status,
            "errorCode": self.error_code,
            "fault": self.fault,
        }


# The call being answered, for rules of a service that act on the call that made something.
current_call: contextvars.ContextVar[Call | None] = contextvars.ContextVar("amity_call", default=None)


def read_call(service: str, method: str, path: str, headers: dict, body: bytes, query: dict) -> Call:
    """Finds the action in the target header (JSON), the form (query) or the path (REST)."""
    target = headers.get("x-amz-target", "")
    if target:
        return Call(service, target.rsplit(".", 1)[-1], _json_object(body))
    form = {name: values[0] for name, values in query.items()}
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        form.update(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    if "Action" in form:
        return Call(service, form["Action"], {k: v for k, v in form.items() if k not in ("Action", "Version")})
    params = {"path": path, **({**form, **_json_object(body)} if service in REST_JSON else {})}
    return Call(service, _rest_action(service, method, path, headers, body, query), params)


def _rest_action(service: str, method: str, path: str, headers: dict, body: bytes, query: dict) -> str:
    from ministack.core.iam_actions import extract_iam_action

    action = extract_iam_action(service, method, path, headers, body, query)
    return action.split(":", 1)[1] if action else f"{method} {path}"


def _json_object(body: bytes) -> dict:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


class Journal:
    """The calls received, oldest first; bounded, so that a demo can run for days."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=JOURNAL_LENGTH)
        self._ids = itertools.count(1)

    def add(self, call: Call) -> None:
        call.id = next(self._ids)
        self._calls.append(call)

    def find(self, service: str | None, action: str | None, since: float) -> list[dict]:
        """Calls since a time in milliseconds; no service or action means all of them."""
        return [
            call.view()
            for call in self._calls
            if call.time * 1000 >= since
            and (service is None or call.service == service)
            and (action is None or call.action == action)
        ]

    def clear(self) -> None:
        self._calls.clear()
