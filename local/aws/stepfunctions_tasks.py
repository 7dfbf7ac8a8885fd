"""Tasks of a state machine: time-outs that are expressions, and callbacks that are waited for only when asked for.

https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html: `TimeoutSeconds` of a JSONata state may be an
expression, evaluated before the state runs. MiniStack takes literals alone, swallows the error of a function that
was called with `.waitForTaskToken` (AWS fails the state with it, for Retry and Catch to see), and gives every
attempt the token of the first.
"""

import contextvars

from ministack.core.responses import new_uuid
from ministack.services import stepfunctions

CALLBACK = ".waitForTaskToken"
# The state that is carried out, with its input and its context object.
_scope: contextvars.ContextVar[tuple[dict, object, dict] | None] = contextvars.ContextVar("amity_state", default=None)
# The token whose answer the call being made is to bring.
_awaited: contextvars.ContextVar[str] = contextvars.ContextVar("amity_awaited", default="")


def install() -> None:
    stepfunctions._execute_task = _in_scope(stepfunctions._execute_task)
    stepfunctions._apply_jsonata_arguments = _with_own_token(stepfunctions._apply_jsonata_arguments)
    stepfunctions._invoke_resource_with_timeout = _in_time(stepfunctions._invoke_resource_with_timeout)
    stepfunctions._invoke_with_callback = _called_back(stepfunctions._invoke_with_callback)
    stepfunctions._call_lambda = _failing(stepfunctions._call_lambda)


def task_seconds() -> float | None:
    """How long the task may take; none is for ever."""
    state, given, context = _scope.get() or ({}, None, {})
    if "TimeoutSeconds" not in state:
        return None
    seconds = stepfunctions._jsonata_state_field(state, "TimeoutSeconds", "number", given, context)
    if seconds < 1 or int(seconds) != seconds:
        message = f"The TimeoutSeconds field must be a whole number of at least 1, but was: {seconds}"
        raise stepfunctions._ExecutionError("States.QueryEvaluationError", message)
    return seconds


def _in_scope(execute):
    def execute_in_scope(state: dict, given: object, execution: dict, context: dict):
        # A machine that a task starts begins in a copy of that task's context.
        _awaited.set("")
        _scope.set((state, given, context))
        return execute(state, given, execution, context)

    return execute_in_scope


def _with_own_token(apply):
    """Arguments are evaluated once an attempt, before the token is read."""

    def apply_with_own_token(state: dict, given: object, context: dict | None = None):
        if context is not None and CALLBACK in state.get("Resource", ""):
            context["Task"] = {"Token": new_uuid()}
        return apply(state, given, context)

    return apply_with_own_token


def _in_time(invoke):
    return lambda resource, arguments, _: invoke(resource, arguments, task_seconds())


def _called_back(invoke):
    def invoke_with_callback(resource: str, arguments: dict, token: str, state: dict):
        seconds = task_seconds()
        _awaited.set(token)
        return invoke(resource, arguments, token, state if seconds is None else {**state, "TimeoutSeconds": seconds})

    return invoke_with_callback


def _failing(call):
    """What a function throws is the answer to its token, unless that has one."""

    def call_lambda(function: str, event: object):
        try:
            return call(function, event)
        except stepfunctions._ExecutionError as error:
            info = stepfunctions._task_tokens.get(_awaited.get())
            if info is not None and not info["event"].is_set():
                info["error"] = {"Error": error.error, "Cause": error.cause}
                info["event"].set()
            raise

    return call_lambda
