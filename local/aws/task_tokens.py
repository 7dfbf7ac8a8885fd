"""Task tokens of Step Functions serve once.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html: a token that was used,
or whose task is over, is TaskTimedOut; one that never was is InvalidToken; an output that is no JSON is
InvalidOutput. MiniStack takes a second answer, and knows TaskDoesNotExist alone.
"""

import json

from ministack.core.responses import AccountRegionScopedDict, error_response_json
from ministack.services import stepfunctions

_issued: set[str] = set()


class _Tokens(AccountRegionScopedDict):
    """MiniStack's tokens of running tasks, which remembers those that are over."""

    def __setitem__(self, token: str, info: dict) -> None:
        _issued.add(token)
        super().__setitem__(token, info)


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
