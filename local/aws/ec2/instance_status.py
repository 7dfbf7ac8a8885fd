"""DescribeInstanceStatus: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceStatus.html.

The checks of an instance that has just come to run are `initializing`
(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-system-instance-status-check.html); then they have passed,
unless a test says otherwise. moto's pass at once.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timezone

from moto.core.responses import ActionResult
from moto.ec2.models.instances import Instance

from aws.ec2.errors import ec2_error, invalid_parameter
from aws.ec2.filters import apply_filters, page
from aws.ec2.instance_states import CODES, running_since
from aws.ec2.instances import READERS as INSTANCE_READERS
from aws.ec2.instances import Instances
from aws.wildcards import matches

DEFAULT_SECONDS = 0.5
# What the check `reachability` says in each state that the checks can be in.
REACHABILITY = {
    "ok": "passed",
    "impaired": "failed",
    "initializing": "initializing",
    "insufficient-data": "insufficient-data",
}


@dataclass
class Rule:
    """What the checks of some instances say once they are no longer initializing."""

    status: str
    instance: str
    image: str

    def meets(self, instance: Instance) -> bool:
        name = instance.ec2_backend.tags.get(instance.id, {}).get("Name", "")
        named = matches(self.instance, instance.id) or matches(self.instance, name)
        return named and matches(self.image, instance.image_id)


class StatusChecks:
    """How long they take (none: for ever), and what they find; a test can change both."""

    seconds: float | None = DEFAULT_SECONDS
    rules: list[Rule] = []

    @classmethod
    def reset(cls) -> None:
        cls.seconds, cls.rules = DEFAULT_SECONDS, []

    @classmethod
    def add(cls, wanted: dict) -> None:
        """The last rule that meets an instance counts."""
        if wanted["status"] not in REACHABILITY:
            raise ValueError(f"status must be one of {', '.join(REACHABILITY)}; got {wanted['status']}")
        cls.rules = [*cls.rules, Rule(wanted["status"], wanted.get("instance", "*"), wanted.get("imageId", "*"))]

    @classmethod
    def of(cls, instance: Instance) -> str:
        if instance.state != "running":
            return "not-applicable"
        if cls.seconds is None or time.time() - running_since(instance) < cls.seconds:
            return "initializing"
        return next((each.status for each in reversed(cls.rules) if each.meets(instance)), "ok")


READERS = {
    "availability-zone": INSTANCE_READERS["availability-zone"],
    "instance-state-code": INSTANCE_READERS["instance-state-code"],
    "instance-state-name": INSTANCE_READERS["instance-state-name"],
    "instance-status.reachability": lambda instance: REACHABILITY.get(StatusChecks.of(instance)),
    "instance-status.status": StatusChecks.of,
    "system-status.status": lambda instance: _of_system(instance),
}


class InstanceStatus(Instances):
    def describe_instance_status(self) -> ActionResult:
        self.error_on_dryrun()
        ids, wanted = self._get_param("InstanceIds", []), self._get_param("MaxResults")
        if ids and wanted:
            message = "The parameter instancesSet cannot be used with the parameter maxResults"
            raise ec2_error("InvalidParameterCombination", message)
        if wanted is not None and not 5 <= wanted <= 1000:
            raise invalid_parameter(f"Value ( {wanted} ) for parameter maxResults is invalid, not 5 to 1000.")
        instances = self._instances_by_id(ids) if ids else self.ec2_backend.all_instances()
        if not self._get_param("IncludeAllInstances", False):
            instances = [each for each in instances if each.state == "running"]
        instances = apply_filters(instances, self._get_param("Filters", []), READERS, self._instance_tags)
        found, token = page(instances, wanted, self._get_param("NextToken"))
        return ActionResult({"InstanceStatuses": [_view(each) for each in found], "NextToken": token})


def _of_system(instance: Instance) -> str:
    """The machine below: a test impairs the instance alone."""
    status = StatusChecks.of(instance)
    return "ok" if status == "impaired" else status


def _view(instance: Instance) -> dict:
    own, system = StatusChecks.of(instance), _of_system(instance)
    return {
        "InstanceId": instance.id,
        "AvailabilityZone": instance.availability_zone,
        "InstanceState": {"Name": instance.state, "Code": CODES[instance.state]},
        "InstanceStatus": _summary(own, instance),
        "SystemStatus": _summary(system, instance),
        "AttachedEbsStatus": _summary(system, instance),
    }


def _summary(status: str, instance: Instance) -> dict:
    if status not in REACHABILITY:
        return {"Status": status}
    detail = {"Name": "reachability", "Status": REACHABILITY[status]}
    if status == "impaired":
        detail["ImpairedSince"] = datetime.fromtimestamp(running_since(instance), tz=timezone.utc)
    return {"Status": status, "Details": [detail]}
