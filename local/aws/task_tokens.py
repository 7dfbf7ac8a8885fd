"""Task tokens of Step Functions serve once.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html: a token that was used,
or whose task is over, is TaskTimedOut; one that never was is InvalidToken; an output that is no JSON is
InvalidOutput. MiniStack takes a second answer, and knows TaskDoesNotExist alone. Who may answer is a matter of the
token's state machine (`machine_of`), which MiniStack does not keep.
"""

import contextvars
import json

from ministack.core.responses import AccountRegionScopedDict, error_response_json
from ministack.services import stepfunctions

# The machine whose task is being carried out; set by iam_services.
current_machine: contextvars.ContextVar[str] = contextvars.ContextVar("amity_machine", default="")
# The execution that this thread carries out; set by stepfunctions_executions.
current_execution: contextvars.ContextVar[str] = contextvars.ContextVar("amity_execution", default="")
_issued: dict[str, str] = {}


def machine_of(token: str) -> str | None:
    """The ARN of the state machine that a token was issued by."""
    return _issued.get(token) or None


class _Tokens(AccountRegionScopedDict):
    """MiniStack's tokens of running tasks, which remembers those that are over."""

    def __setitem__(self, token: str, info: dict) -> None:
        _issued[token] = current_machine.get()
        super().__setitem__(token, {**info, "execution": current_execution.get()})


def install() -> None:
    stepfunctions._task_tokens = _Tokens()
    stepfunctions._send_task_success = _once(stepfunctions._send_task_success, "output")
    stepfunctions._send_task_failure = _once(stepfunctions._send_task_failure)
    stepfunctions._send_task_heartbeat = _once(stepfunctions._send_task_heartbeat)


def _once(send, json_field: str | None = None):
    def send_once(data: dict):
        token = data.get("taskToken") or ""
        info = stepfunctions._task_tokens.get(token)
        if info is None and token not in _issued:
            return error_response_json("InvalidToken", "Invalid Token: 'Invalid token'", 400)
        if info is None or info["event"].is_set():
            message = "Task Timed Out: 'Provided task does not exist anymore'"
            return error_response_json("TaskTimedOut", message, 400)
        if json_field and not _is_json(data.get(json_field)):
            return error_response_json("InvalidOutput", f"Invalid {json_field}: not JSON", 400)
        return send(data)

    return send_once


def _is_json(text: object) -> bool:
    try:
        json.loads(text if isinstance(text, str) else "")
    except ValueError:
        return False
    return True
