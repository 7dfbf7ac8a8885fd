"""DescribeInstances with EC2's own filters and pages.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html.
"""

from copy import copy

from moto.core.responses import ActionResult
from moto.ec2.models.instances import Instance
from moto.ec2.responses.instances import InstanceResponse

from aws.ec2.errors import check_id, ec2_error, invalid_parameter
from aws.ec2.filters import apply_filters, page

READERS = {
    "availability-zone": lambda instance: instance.availability_zone,
    "block-device-mapping.volume-id": lambda instance: [
        each.volume_id for _, each in instance.get_block_device_mapping
    ],
    "client-token": lambda instance: instance.client_token,
    "image-id": lambda instance: instance.image_id,
    "instance-id": lambda instance: instance.id,
    "instance-state-code": lambda instance: instance.state_code,
    "instance-state-name": lambda instance: instance.state,
    "instance-type": lambda instance: instance.instance_type,
    "launch-time": lambda instance: instance.launch_time.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    "root-device-type": lambda instance: instance.root_device_type,
    "subnet-id": lambda instance: instance.subnet_id,
    "vpc-id": lambda instance: instance.vpc_id,
}


class Instances(InstanceResponse):
    def describe_instances(self) -> ActionResult:
        self.error_on_dryrun()
        ids, max_results = self._get_param("InstanceIds", []), self._get_param("MaxResults")
        if ids and max_results:
            message = "The parameter instancesSet cannot be used with the parameter maxResults"
            raise ec2_error("InvalidParameterCombination", message)
        if max_results is not None and not 5 <= max_results <= 1000:
            raise invalid_parameter(f"Value ( {max_results} ) for parameter maxResults is invalid, not 5 to 1000.")
        instances = self._instances_by_id(ids) if ids else self.ec2_backend.all_instances()
        instances = apply_filters(instances, self._get_param("Filters", []), READERS, self._instance_tags)
        found, token = page(instances, max_results, self._get_param("NextToken"))
        return ActionResult({"Reservations": self._reservations(found), "NextToken": token})

    def _instances_by_id(self, ids: list[str]) -> list[Instance]:
        for instance_id in ids:
            check_id(instance_id, "i", "InvalidInstanceID.Malformed")
        known = {each.id: each for each in self.ec2_backend.all_instances()}
        unknown = [each for each in ids if each not in known]
        if unknown:
            many = len(unknown) > 1
            text = f"The instance ID{'s' if many else ''} '{', '.join(unknown)}' do{'' if many else 'es'} not exist"
            raise ec2_error("InvalidInstanceID.NotFound", text)
        return [known[each] for each in ids]

    def _instance_tags(self, instance: Instance) -> dict[str, str]:
        return self.ec2_backend.tags.get(instance.id, {})

    def _reservations(self, instances: list[Instance]) -> list:
        """Instances come in the reservations that they were started in, with only those asked for in each."""
        wanted = {each.id for each in instances}
        found = []
        for reservation in self.ec2_backend.reservations.values():
            left = [each for each in reservation.instances if each.id in wanted]
            if left:
                shown = copy(reservation)
                shown.instances = left
                found.append(shown)
        return found
