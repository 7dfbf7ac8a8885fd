"""Executions that end when they are told to, and executions that another one starts and waits for.

MiniStack marks a stopped execution, which goes on all the same and may end as FAILED; it knows no time-out of a
machine (TIMED_OUT); and it runs a machine that another one waits for (`startExecution.sync`) within the task, under
any name twice, without the events of a Standard one.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html,
https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html.
"""

import contextvars
import json
import threading
import time

from ministack.core.responses import now_iso
from ministack.services import stepfunctions

from aws.stepfunctions_tasks import task_seconds
from aws.task_tokens import current_execution

SYNC = "states:startExecution.sync"
LOOK_SECONDS = 0.05
_ends: dict[str, threading.Event] = {}


class Ended(BaseException):
    """The execution is over. Not an Exception: no Retry and no Catch goes on from here."""


def install() -> None:
    stepfunctions._run_execution = _until_ended(stepfunctions._run_execution)
    stepfunctions._run_sub_machine = _quietly(stepfunctions._run_sub_machine)
    stepfunctions._stop_execution = _for_good(stepfunctions._stop_execution)
    stepfunctions._fail_execution = _if_running(stepfunctions._fail_execution)
    stepfunctions._scaled_sleep = _sleep
    for name in ("_invoke_resource", "_invoke_with_callback", "_with_retry_and_catch"):
        setattr(stepfunctions, name, _unless_ended(getattr(stepfunctions, name)))
    stepfunctions._invoke_resource_with_timeout = _without_thread(stepfunctions._invoke_resource_with_timeout)
    stepfunctions._invoke_nested_start_execution_sync = start_and_wait


def _end_of(arn: str) -> threading.Event:
    return _ends.setdefault(arn, threading.Event())


def _check() -> None:
    if _end_of(current_execution.get()).is_set():
        raise Ended


def _until_ended(run):
    def run_until_ended(arn: str) -> None:
        current_execution.set(arn)
        timer = _start_clock(stepfunctions._executions[arn])
        try:
            run(arn)
        except Ended:
            pass
        finally:
            timer.cancel()
            _end_of(arn).set()

    return run_until_ended


def _start_clock(execution: dict) -> threading.Timer:
    """The machine's own `TimeoutSeconds`; a task's only fails the task."""
    machine = stepfunctions._state_machines.get(execution["stateMachineArn"]) or {}
    try:
        seconds = json.loads(machine.get("definition", "{}")).get("TimeoutSeconds")
    except ValueError:
        seconds = None
    run = contextvars.copy_context().run
    timer = threading.Timer(seconds or threading.TIMEOUT_MAX, run, (_time_out, execution))
    timer.daemon = True
    if seconds:
        timer.start()
    return timer


def _time_out(execution: dict) -> None:
    if execution["status"] == "RUNNING":
        execution.update(status="TIMED_OUT", stopDate=now_iso())
        stepfunctions._add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {}})
        stepfunctions._emit_execution_status_event(execution)
        _end(execution["executionArn"])


def _end(arn: str) -> None:
    """Wakes whatever the execution waits for; its tokens are over."""
    _end_of(arn).set()
    for info in list(stepfunctions._task_tokens.values()):
        if info.get("execution") == arn:
            info["event"].set()


def _for_good(stop):
    def stop_for_good(data: dict):
        answer = stop(data)
        if answer[0] == 200:
            _end(data["executionArn"])
        return answer

    return stop_for_good


def _if_running(fail):
    return lambda execution, error, cause: fail(execution, error, cause) if execution["status"] == "RUNNING" else None


def _quietly(run):
    """A branch that was cut off has no result; who waits for the branches looks for the end itself."""

    def run_quietly(*arguments):
        try:
            return run(*arguments)
        except Ended:
            return None

    return run_quietly


def _unless_ended(act):
    def act_unless_ended(*arguments):
        _check()
        try:
            return act(*arguments)
        finally:
            _check()

    return act_unless_ended


def _sleep(seconds: float) -> None:
    _end_of(current_execution.get()).wait(max(0, seconds * stepfunctions._SFN_WAIT_SCALE))
    _check()


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
    over, parent = _end_of(arn), _end_of(current_execution.get())
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
