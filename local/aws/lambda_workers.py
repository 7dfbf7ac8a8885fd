"""Lambda's workers: bounded, with a thrown error's own name, gone when this process is gone.

MiniStack runs each concurrent invocation in a Node process of its own (about 77 MB), reports every error of a
handler as `Runtime.HandlerError` and calls a rule's target once. AWS gives the error's name as `errorType`
(https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html) and retries asynchronous invocations twice
(https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html).
"""

import contextvars
import json
import threading

from ministack.core import lambda_runtime
from ministack.services import eventbridge, lambda_svc

AT_ONCE = 8
_slots = threading.BoundedSemaphore(AT_ONCE)
_error_name: contextvars.ContextVar[str | None] = contextvars.ContextVar("amity_error_name", default=None)
_HANDLER_ERROR = 'status: "error", error: String(err.message || err), trace: err.stack || ""'
_THROWN_ERROR = 'status: "error", error: e.message, trace: e.stack\n'
_END_OF_LINES = "let lineNum = 0;\n"


def install() -> None:
    _send_error_names()
    _bound()
    eventbridge._dispatch_to_lambda = _invoke_with_retry


def _send_error_names() -> None:
    """Lets the worker send `err.name`, end with its input, and the invocation keep the name."""
    script = lambda_runtime._NODEJS_WORKER_SCRIPT
    for part in (_HANDLER_ERROR, _THROWN_ERROR, _END_OF_LINES):
        if part not in script:
            raise RuntimeError(f"MiniStack's worker is not the one that this was written for: no {part!r}")
    script = script.replace(_HANDLER_ERROR, _HANDLER_ERROR + ', name: String(err.name || "Error")')
    script = script.replace(_THROWN_ERROR, 'status: "error", error: e.message, name: e.name, trace: e.stack\n')
    script = script.replace(_END_OF_LINES, _END_OF_LINES + 'rl.on("close", () => process.exit(0));\n')
    lambda_runtime._NODEJS_WORKER_SCRIPT = script
    invoke = lambda_runtime.Worker.invoke

    def invoke_named(self, *args, **kwargs) -> dict:
        result = invoke(self, *args, **kwargs)
        _error_name.set(result.get("name"))
        return result

    lambda_runtime.Worker.invoke = invoke_named


def _bound() -> None:
    execute = lambda_svc._execute_function_warm

    def execute_bounded(func: dict, event: dict, request_id: str) -> dict:
        _error_name.set(None)
        with _slots:
            result = execute(func, event, request_id)
        body, name = result.get("body"), _error_name.get()
        if result.get("error") and name and isinstance(body, dict) and body.get("errorType") == "Runtime.HandlerError":
            body["errorType"] = name
        return result

    lambda_svc._execute_function_warm = execute_bounded


def _invoke_with_retry(arn: str, payload: str) -> None:
    """An EventBridge rule invokes asynchronously, with Lambda's own retries and failure destination."""
    func, config, _ = lambda_svc._get_func_record_for_ref(arn)
    if func and config:
        record = lambda_svc._execution_record_for_config(func, config)
        lambda_svc.invoke_async_with_retry(record, json.loads(payload))


def stop() -> None:
    """Ends every worker; two seconds at most."""
    lambda_runtime.reset()
