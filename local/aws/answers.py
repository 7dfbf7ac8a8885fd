"""Answers that an AWS service gives in place of its own: errors, in the shape of the service's protocol."""

import json
import re
from uuid import uuid4
from xml.sax.saxutils import escape

Answer = tuple[int, dict, bytes]

# The code with which each service says "slower", with its status.
# https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html lists what the SDKs retry.
THROTTLES = {
    "ec2": ("RequestLimitExceeded", 503),
    "dynamodb": ("ThrottlingException", 400),
    "events": ("ThrottlingException", 400),
    "states": ("ThrottlingException", 400),
    "sqs": ("RequestThrottled", 400),
    "ssm": ("ThrottlingException", 400),
    "lambda": ("TooManyRequestsException", 429),
    "scheduler": ("ThrottlingException", 429),
}
QUERY_SERVICES = {"cloudformation", "iam", "sts", "sns", "autoscaling", "monitoring"}


def error_answer(service: str, code: str, message: str, status: int) -> Answer:
    """The error as the service's own protocol carries it, so that an SDK reads `name` and `message`."""
    if service == "ec2":
        return status, {"Content-Type": "text/xml;charset=UTF-8"}, _ec2_error(code, message)
    if service in QUERY_SERVICES:
        return status, {"Content-Type": "text/xml"}, _query_error(code, message, status)
    headers = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-errortype": code}
    if service == "sqs":
        headers["x-amzn-query-error"] = f"{code};{'Sender' if status < 500 else 'Receiver'}"
    return status, headers, json.dumps({"__type": code, "message": message}).encode()


def throttle_answer(service: str, code: str | None = None) -> Answer:
    default, status = THROTTLES.get(service, ("ThrottlingException", 400))
    message = "Request limit exceeded." if service == "ec2" else "Rate exceeded"
    return error_answer(service, code or default, message, status)


def error_code(answer: Answer) -> str | None:
    """The code of an error answer, for the journal."""
    status, headers, body = answer
    if status < 400 or not isinstance(body, bytes):
        return None
    found = re.search(rb'<Code>([^<]+)</Code>|"__type"\s*:\s*"(?:[^"#]*#)?([^"]+)"', body)
    if found:
        return (found[1] or found[2]).decode()
    lowered = {name.lower(): value for name, value in headers.items()}
    return lowered.get("x-amzn-errortype")


def _ec2_error(code: str, message: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Response><Errors><Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
        f"</Errors><RequestID>{uuid4()}</RequestID></Response>"
    ).encode()


def _query_error(code: str, message: str, status: int) -> bytes:
    kind = "Sender" if status < 500 else "Receiver"
    return (
        f"<ErrorResponse><Error><Type>{kind}</Type><Code>{escape(code)}</Code>"
        f"<Message>{escape(message)}</Message></Error><RequestId>{uuid4()}</RequestId></ErrorResponse>"
    ).encode()
