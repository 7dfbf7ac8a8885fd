"""The control endpoint, `/_amity/…` in JSON, on the same server: for tests and the demo, and for nothing else.

`local/control.ts` is its typed client, and its documentation.
"""

import json
import os
from collections.abc import Callable
from urllib.parse import parse_qs

from aws import control_builders, control_ec2, control_groups, iam, scheduler_schedules, ssm_images, ssm_parameters
from aws.answers import Answer
from aws.auto_scaling.refresh_pace import pace
from aws.aws_events import put_aws_event
from aws.ec2.filters import Pages
from aws.ec2.instance_status import StatusChecks
from aws.ec2.lifecycle import PendingTime
from aws.ec2.retire_image import SnapshotResults
from aws.ec2.state import Ec2State, SnapshotQuotas, backend_of
from aws.faults import BadRule
from aws.interception import Interception
from aws.settings import ACCOUNT, Settings
from ministack import app as ministack_app

PREFIX = "/_amity/"


class Control:
    def __init__(self, settings: Settings, interception: Interception) -> None:
        self.settings, self.interception = settings, interception
        self.routes: dict[str, Callable[[list[str], dict], object]] = {
            "GET health": lambda _, __: {"account": ACCOUNT, "region": settings.region, "pid": os.getpid()},
            "POST reset": self._reset,
            "PUT pending": self._set_pending,
            "PUT instance-seconds": lambda _, body: control_builders.set_seconds(body),
            "POST builders": lambda _, body: control_builders.allow(body),
            "GET builders": lambda rest, _: control_builders.root_of(rest[0]),
            "PUT public-parameters": self._set_public_parameter,
            "POST schedules": lambda _, body: scheduler_schedules.fire(body["name"], body.get("group", "default")),
            "PUT image-parameters": lambda _, body: setattr(ssm_images.Validation, "seconds", body["seconds"]),
            "PUT status-seconds": lambda _, body: setattr(StatusChecks, "seconds", body["seconds"]),
            "PUT status-checks": lambda _, body: StatusChecks.add(body),
            "PUT quotas": self._set_quotas,
            "PUT page-size": self._set_page_size,
            "PUT snapshot-results": lambda _, body: SnapshotResults.forced.update(body),
            "POST faults": lambda _, body: interception.faults.add(body).view(),
            "GET faults": lambda _, __: [rule.view() for rule in interception.faults.rules],
            "DELETE faults": self._remove_faults,
            "PUT limits": self._set_limit,
            "GET calls": self._calls,
            "DELETE calls": lambda _, __: interception.journal.clear(),
            "POST aws-events": self._put_event,
            "PUT auth": lambda _, body: iam.switch(bool(body["enforced"])),
            "POST sessions": lambda _, body: iam.start_session(body["roleArn"]),
            **control_groups.ROUTES,
            **{name: self._of_ec2(route) for name, route in control_ec2.ROUTES.items()},
        }

    def _of_ec2(self, route: control_ec2.Route) -> Callable[[list[str], dict], object]:
        return lambda rest, body: route(backend_of(self._region(body)), rest, body)

    def _region(self, body: dict) -> str:
        return body.get("region") or self.settings.region

    def answer(self, method: str, path: str, query: bytes, body: bytes) -> Answer:
        name, *rest = path[len(PREFIX) :].split("/")
        route = self.routes.get(f"{method} {name}")
        if route is None:
            return _json(404, {"message": f"No {method} {path}"})
        values = {key: each[0] for key, each in parse_qs(query.decode()).items()}
        try:
            return _json(200, route(rest, {**values, **(json.loads(body) if body else {})}))
        except (BadRule, KeyError, ValueError, TypeError) as error:
            return _json(400, {"message": f"{method} {path}: {type(error).__name__}: {error}"})

    def _reset(self, _: list[str], body: dict) -> None:
        """Everything that was switched comes back; with `ec2`, its resources go too."""
        self.interception.faults.clear()
        self.interception.limits.reset()
        self.interception.journal.clear()
        Ec2State.lifecycle.reset()
        Ec2State.instances.reset()
        pace.reset()
        StatusChecks.reset()
        ssm_parameters.reset()
        ssm_images.reset()
        Ec2State.quotas = SnapshotQuotas()
        Pages.limit = None
        if ministack_app.AUTH != self.settings.auth:
            iam.switch(self.settings.auth)
        SnapshotResults.forced.clear()
        if body.get("ec2"):
            control_ec2.clear_all()
        Ec2State.builders.reset()

    def _set_pending(self, _: list[str], body: dict) -> None:
        rule = PendingTime(body["seconds"], body.get("imageName", "*"), body.get("instance", "*"))
        Ec2State.lifecycle.pending.append(rule)

    def _set_quotas(self, _: list[str], body: dict) -> None:
        names = {"pending": "pending", "pendingPerVolume": "pending_per_volume", "secondsBetween": "seconds_between"}
        for name, value in body.items():
            setattr(Ec2State.quotas, names[name], value)

    def _set_page_size(self, _: list[str], body: dict) -> None:
        Pages.limit = body["size"]

    def _set_public_parameter(self, _: list[str], body: dict) -> None:
        ssm_parameters.set_public(self._region(body), body["name"], body["value"])

    def _remove_faults(self, rest: list[str], _: dict) -> None:
        if rest:
            self.interception.faults.remove(int(rest[0]))
        else:
            self.interception.faults.clear()

    def _set_limit(self, _: list[str], body: dict) -> None:
        service, size, refill = body.get("service", "ec2"), body.get("size"), body.get("refill")
        self.interception.limits.set(service, body["action"], size, refill)

    def _calls(self, _: list[str], body: dict) -> list[dict]:
        return self.interception.journal.find(body.get("service"), body.get("action"), float(body.get("since", 0)))

    def _put_event(self, _: list[str], body: dict) -> None:
        detail, resources = body["detail"], body.get("resources", [])
        put_aws_event(body["source"], body["detailType"], detail, resources, self._region(body))


def _json(status: int, value: object) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()
