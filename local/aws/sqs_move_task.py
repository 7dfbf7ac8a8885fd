"""SQS's own redrive: StartMessageMoveTask, ListMessageMoveTasks, CancelMessageMoveTask.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html:
only from a dead-letter queue; each message goes back to the queue that it came from, or all to a given one, as a
new message; one task a queue at a time; a message that SQS did not bring there itself fails the task.
"""

import asyncio
import base64
import json
import time
from dataclasses import dataclass, field

from ministack.core.responses import new_uuid
from ministack.services import sqs

DEFAULT_RATE = 500


@dataclass
class Task:
    source_arn: str
    destination_arn: str | None
    rate: int
    to_move: int
    moved: int = 0
    status: str = "RUNNING"
    reason: str | None = None
    started: float = field(default_factory=time.time)
    handle: str = field(default_factory=new_uuid)

    def view(self) -> dict:
        found = {
            "TaskHandle": self.wire_handle if self.status == "RUNNING" else None,
            "Status": self.status,
            "SourceArn": self.source_arn,
            "DestinationArn": self.destination_arn,
            "MaxNumberOfMessagesPerSecond": self.rate,
            "ApproximateNumberOfMessagesMoved": self.moved,
            "ApproximateNumberOfMessagesToMove": self.to_move,
            "FailureReason": self.reason,
            "StartedTimestamp": int(self.started * 1000),
        }
        return {name: value for name, value in found.items() if value is not None}

    @property
    def wire_handle(self) -> str:
        return base64.b64encode(json.dumps({"taskId": self.handle, "sourceArn": self.source_arn}).encode()).decode()


_tasks: list[Task] = []


def install() -> None:
    sqs._HANDLERS.update(
        {"StartMessageMoveTask": _start, "ListMessageMoveTasks": _list, "CancelMessageMoveTask": _cancel}
    )


def _start(data: dict, _url: str) -> dict:
    source = _queue(data.get("SourceArn", ""), "SourceArn")
    arn, destination = data["SourceArn"], data.get("DestinationArn")
    if destination:
        _queue(destination, "DestinationArn")
    if not any(_dead_letters_of(queue) == arn for queue in list(sqs._queues._data.values())):
        raise sqs._Err("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
    if any(task.source_arn == arn and task.status == "RUNNING" for task in _tasks):
        raise sqs._Err("UnsupportedOperation", "There is already a task running.")
    rate = int(data.get("MaxNumberOfMessagesPerSecond") or DEFAULT_RATE)
    task = Task(arn, destination, rate, len(source["messages"]))
    _tasks.insert(0, task)
    task_runner = asyncio.get_running_loop().create_task(_run(task, source))
    _runners.add(task_runner)
    task_runner.add_done_callback(_runners.discard)
    return {"TaskHandle": task.wire_handle}


_runners: set[asyncio.Task] = set()


async def _run(task: Task, source: dict) -> None:
    """Moves what is visible, at the task's rate."""
    for message in [each for each in source["messages"] if each["visible_at"] <= time.time()]:
        await asyncio.sleep(1 / task.rate)
        if task.status != "RUNNING":
            return
        if message not in source["messages"]:
            continue
        origin = (message.get("sys") or {}).get("DeadLetterQueueSourceArn")
        target = sqs._queue_by_arn(task.destination_arn or origin or "")
        if target is None:
            task.status, task.reason = "FAILED", "CouldNotDetermineMessageSource"
            return
        source["messages"].remove(message)
        target["messages"].append(_as_new(message))
        sqs.esm_wake.set()
        task.moved += 1
    task.status = "COMPLETED"


def _as_new(message: dict) -> dict:
    now = time.time()
    kept = {name: value for name, value in (message.get("sys") or {}).items() if name != "DeadLetterQueueSourceArn"}
    return {
        **message,
        "id": new_uuid(),
        "receipt_handle": None,
        "receive_count": 0,
        "first_receive_at": None,
        "sent_at": now,
        "enqueued_at": now,
        "visible_at": now,
        "sys": {**kept, "SentTimestamp": str(int(now * 1000))},
    }


def _list(data: dict, _url: str) -> dict:
    _queue(data.get("SourceArn", ""), "SourceArn")
    found = [task.view() for task in _tasks if task.source_arn == data["SourceArn"]]
    return {"Results": found[: int(data.get("MaxResults") or 1)]}


def _cancel(data: dict, _url: str) -> dict:
    for task in _tasks:
        if task.wire_handle == data.get("TaskHandle") and task.status == "RUNNING":
            task.status = "CANCELLED"
            return {"ApproximateNumberOfMessagesMoved": task.moved}
    raise sqs._Err("ResourceNotFoundException", "The resource that you specified doesn't exist.", 404)


def _queue(arn: str, name: str) -> dict:
    queue = sqs._queue_by_arn(arn)
    if queue is None:
        message = f"The resource that you specified for the {name} parameter doesn't exist."
        raise sqs._Err("ResourceNotFoundException", message, 404)
    return queue


def _dead_letters_of(queue: dict) -> str | None:
    try:
        return json.loads(queue["attributes"].get("RedrivePolicy") or "{}").get("deadLetterTargetArn")
    except ValueError:
        return None
