"""Executions that another one starts and waits for: `startExecution.sync` and `.sync:2`.

MiniStack runs such a machine within the task, under any name twice, without the events of a Standard one.
https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html.
"""

import json
import time

from ministack.services import stepfunctions

from aws.stepfunctions_executions import Ended, end_of
from aws.stepfunctions_tasks import task_seconds
from aws.task_tokens import current_execution

SYNC = "states:startExecution.sync"
LOOK_SECONDS = 0.05


def install() -> None:
    stepfunctions._invoke_resource_with_timeout = _without_thread(stepfunctions._invoke_resource_with_timeout)
    stepfunctions._invoke_nested_start_execution_sync = start_and_wait


def _without_thread(invoke):
    """Who waits for another execution looks at the time itself, for it stops that execution."""

    def invoke_without_thread(resource: str, arguments: dict, seconds: float):
        if SYNC in resource:
            return stepfunctions._invoke_resource(resource, arguments)
        return invoke(resource, arguments, seconds)

    return invoke_without_thread


def start_and_wait(resource: str, arguments: dict) -> dict:
    """`startExecution.sync` (`Input` and `Output` are text) and `.sync:2` (they are parsed)."""
    seconds = task_seconds()
    request = stepfunctions._nested_start_execution_request(arguments)
    status, _, body = stepfunctions._start_execution(request)
    answer = json.loads(body)
    if status >= 400:
        code = f"StepFunctions.{answer['__type']}Exception"
        raise stepfunctions._ExecutionError(code, answer["message"])
    child = stepfunctions._executions[answer["executionArn"]]
    _wait_for(child, None if seconds is None else time.monotonic() + seconds)
    found = _view(child, parsed=resource.endswith(":2"))
    if child["status"] != "SUCCEEDED":
        raise stepfunctions._ExecutionError("States.TaskFailed", json.dumps(found))
    return found


def _wait_for(child: dict, deadline: float | None) -> None:
    """A parent that ends, or whose task's time is over, stops the child first."""
    arn = child["executionArn"]
    over, parent = end_of(arn), end_of(current_execution.get())
    while not over.wait(LOOK_SECONDS):
        late = deadline is not None and time.monotonic() > deadline
        if parent.is_set() or late:
            stepfunctions._stop_execution({"executionArn": arn})
        if parent.is_set():
            raise Ended
        if late:
            raise stepfunctions._ExecutionError("States.Timeout", "")


def _view(execution: dict, parsed: bool) -> dict:
    """As DescribeExecution shows it, with the names and the times of a task's result."""
    _, _, body = stepfunctions._describe_execution({"executionArn": execution["executionArn"]})
    found = {name[0].upper() + name[1:]: value for name, value in json.loads(body).items() if value is not None}
    for name in ("StartDate", "StopDate"):
        found[name] = stepfunctions._iso_to_epoch_ms(found[name])
    if execution["status"] != "SUCCEEDED":
        found.pop("Output", None)
        found.pop("OutputDetails", None)
    for name in {"Input", "Output"} & found.keys() if parsed else ():
        found[name] = json.loads(found[name])
    return found
