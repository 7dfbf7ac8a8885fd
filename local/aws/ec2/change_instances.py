"""StartInstances, StopInstances and TerminateInstances, which take their time and are refused in some states.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StopInstances.html and its neighbours. moto does it at once,
in every state.
"""

from moto.autoscaling.models import autoscaling_backends
from moto.core.responses import ActionResult
from moto.ec2.exceptions import OperationDisableApiStopNotPermitted, OperationNotPermitted4
from moto.ec2.models.instances import Instance
from moto.elbv2.models import elbv2_backends

from aws.ec2.errors import ec2_error, missing_parameter
from aws.ec2.instance_states import CODES
from aws.ec2.instances import Instances
from aws.ec2.state import Ec2State


class ChangeInstances(Instances):
    def start_instances(self) -> ActionResult:
        instances = self._named({"stopped", "pending", "running"}, "started")
        return self._change("StartingInstances", instances, "pending", {"stopped"})

    def stop_instances(self) -> ActionResult:
        instances = self._named({"running", "stopping", "stopped"}, "stopped")
        for each in instances:
            if each.disable_api_stop:
                raise OperationDisableApiStopNotPermitted(each.id)
        return self._change("StoppingInstances", instances, "stopping", {"running"})

    def terminate_instances(self) -> ActionResult:
        instances = self._named(set(CODES), "terminated")
        for each in instances:
            if each.disable_api_termination:
                raise OperationNotPermitted4(each.id)
        living = set(CODES) - {"shutting-down", "terminated"}
        result = self._change("TerminatingInstances", instances, "shutting-down", living)
        ids = [each.id for each in instances]
        for backends in (autoscaling_backends, elbv2_backends):
            backends[self.current_account][self.region].notify_terminate_instances(ids)
        return result

    def _named(self, states: set[str], change: str) -> list[Instance]:
        """The instances of the call, each in a state that the change may begin in."""
        ids = self._get_param("InstanceIds", [])
        if not ids:
            raise missing_parameter("InstanceId")
        instances = self._instances_by_id(ids)
        for each in instances:
            if each.state not in states:
                message = f"This instance '{each.id}' is not in a state from which it can be {change}."
                raise ec2_error("IncorrectInstanceState", message)
        self.error_on_dryrun()
        return instances

    def _change(self, name: str, instances: list[Instance], state: str, begins_in: set[str]) -> ActionResult:
        changes = []
        for each in instances:
            before = each.state
            if before in begins_in:
                Ec2State.instances.begin(each, state)
            changes.append({"InstanceId": each.id, "PreviousState": _view(before), "CurrentState": _view(each.state)})
        return ActionResult({name: changes})


def _view(state: str) -> dict:
    return {"Name": state, "Code": CODES[state]}
