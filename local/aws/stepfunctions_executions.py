"""Executions that end when they are told to: https://docs.aws.amazon.com/step-functions/latest/apireference/.

MiniStack marks a stopped execution (API_StopExecution), which goes on all the same and may end as FAILED; and it knows
no time-out of a machine (TIMED_OUT).
"""

import contextvars
import json
import threading

from ministack.core.responses import now_iso
from ministack.services import stepfunctions

from aws.task_tokens import current_execution

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


def end_of(arn: str) -> threading.Event:
    return _ends.setdefault(arn, threading.Event())


def _check() -> None:
    if end_of(current_execution.get()).is_set():
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
            end_of(arn).set()

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
    end_of(arn).set()
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
    end_of(current_execution.get()).wait(max(0, seconds * stepfunctions._SFN_WAIT_SCALE))
    _check()
