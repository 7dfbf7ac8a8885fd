"""Stands between MiniStack's router and every service: journal, limits, faults.

It wraps the service handlers rather than the HTTP server, so that calls that AWS services make for a user
(a Step Functions task that calls DynamoDB) are met too.
"""

import asyncio
import json

from aws.answers import Answer, error_answer, error_code, throttle_answer
from aws.calls import Call, Journal, current_call, read_call
from aws.connections import DROP_HEADER
from aws.faults import BEFORE, Faults, Rule
from aws.limits import Limits

# Where each batch action keeps its entries, and its answer what became of them.
_BATCHES = {
    ("events", "PutEvents"): "Entries",
    ("sqs", "SendMessageBatch"): "Entries",
    ("sqs", "DeleteMessageBatch"): "Entries",
    ("sqs", "ChangeMessageVisibilityBatch"): "Entries",
}


class Interception:
    def __init__(self, journal: Journal, faults: Faults, limits: Limits) -> None:
        self.journal, self.faults, self.limits = journal, faults, limits

    def wrap(self, service: str, handler):
        """The handler of a service, met by the journal and the faults first."""

        async def handle(method: str, path: str, headers: dict, body: bytes, query: dict) -> Answer:
            call = read_call(service, method, path, headers, body, query)
            self.journal.add(call)
            current_call.set(call)
            refused = await self._refuse(call)
            if refused is None:
                forward = (method, path, headers, body, query)
                answer = await self._carry_out(call, handler, forward)
            else:
                answer = refused
            call.status, call.error_code = answer[0], error_code(answer)
            return answer

        return handle

    async def _refuse(self, call: Call) -> Answer | None:
        rule = self.faults.strike(call, BEFORE)
        if rule is not None and rule.kind == "delay":
            await asyncio.sleep(float(rule.options["seconds"]))
        elif rule is not None:
            return _refusal(call, rule)
        return None if self.limits.allow(call) else throttle_answer(call.service)

    async def _carry_out(self, call: Call, handler, request: tuple) -> Answer:
        partial = self.faults.strike(call, {"partial"})
        answer = await (_partly(call, partial, handler, request) if partial else handler(*request))
        lost = self.faults.strike(call, {"carried-out-answer-lost"}, failed=answer[0] >= 400)
        return _lose(call, lost) if lost else answer


def _refusal(call: Call, rule: Rule) -> Answer:
    if rule.kind == "throttle":
        return throttle_answer(call.service, rule.options.get("code"))
    if rule.kind == "connection-reset":
        return _dropped()
    status = int(rule.options.get("status", 400))
    return error_answer(call.service, rule.options["code"], rule.options.get("message", "An injected fault"), status)


def _lose(call: Call, rule: Rule) -> Answer:
    if rule.options.get("answer", "connection-reset") == "connection-reset":
        return _dropped()
    code = rule.options.get("code", "InternalError" if call.service == "ec2" else "InternalFailure")
    message = rule.options.get("message", "An internal error has occurred")
    return error_answer(call.service, code, message, int(rule.options.get("status", 500)))


def _dropped() -> Answer:
    return 500, {DROP_HEADER: "1"}, b""


async def _partly(call: Call, rule: Rule, handler, request: tuple) -> Answer:
    """Carries out the entries that the rule leaves, and reports the others as failed, in their places."""
    where = _BATCHES.get((call.service, call.action))
    method, path, headers, body, query = request
    sent = json.loads(body)
    if where is None or not isinstance(sent.get(where), list):
        return await handler(*request)
    struck = {index for index in rule.options["entries"] if index < len(sent[where])}
    left = [entry for index, entry in enumerate(sent[where]) if index not in struck]
    result = {"Entries": [], "Successful": [], "Failed": []}
    headers_out = {"Content-Type": "application/x-amz-json-1.1"}
    if left:
        body = json.dumps({**sent, where: left}).encode()
        status, headers_out, answer = await handler(method, path, headers, body, query)
        if status != 200:
            return status, headers_out, answer
        result.update(json.loads(answer))
    code, message = rule.options.get("code", "InternalFailure"), rule.options.get("message", "An injected fault")
    if call.service == "sqs":
        result["Failed"] += [
            {"Id": sent[where][index]["Id"], "Code": code, "Message": message, "SenderFault": False}
            for index in sorted(struck)
        ]
        result.pop("Entries")
    else:
        for index in sorted(struck):
            result["Entries"].insert(index, {"ErrorCode": code, "ErrorMessage": message})
        result = {"Entries": result["Entries"], "FailedEntryCount": sum("ErrorCode" in e for e in result["Entries"])}
    return 200, headers_out, json.dumps(result).encode()
