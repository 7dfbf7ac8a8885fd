"""GetConsoleOutput: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetConsoleOutput.html.

The last 64 KB, also of a terminated instance for a while. moto shows the same boot for every instance.
"""

import base64

from moto.core.responses import ActionResult
from moto.core.types import Base64EncodedString
from moto.core.utils import utcnow

from aws.ec2.errors import missing_parameter
from aws.ec2.instances import Instances
from aws.ec2.state import Ec2State

MOST_BYTES = 65_536


class ConsoleOutput(Instances):
    def get_console_output(self) -> ActionResult:
        if not self._get_param("InstanceId"):
            raise missing_parameter("InstanceId")
        [instance] = self._instances_by_id([self._get_param("InstanceId")])
        self.error_on_dryrun()
        output = Ec2State.builders.console(instance.id)[-MOST_BYTES:]
        shown = {"Output": Base64EncodedString(base64.b64encode(output).decode())} if output else {}
        return ActionResult({"InstanceId": instance.id, "Timestamp": utcnow(), **shown})
