"""Answers Auto Scaling's calls from moto, with the service's own pages.

https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html: 50 a page, at most 100.
"""

from moto.autoscaling.exceptions import AutoscalingClientError, ValidationError
from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError

from aws.auto_scaling import capacity, configurations, launches, refresh_steps
from aws.auto_scaling.instance_refresh import active_refresh
from aws.auto_scaling.refresh_calls import InstanceRefreshes
from aws.ec2.filters import page
from aws.moto_bridge import bridge

DEFAULT_RECORDS = 50
MAX_RECORDS = 100


class AutoScaling(InstanceRefreshes):
    def create_auto_scaling_group(self) -> ActionResult:
        name = self._get_param("AutoScalingGroupName")
        if name in self.autoscaling_backend.autoscaling_groups:
            raise AutoscalingClientError("AlreadyExists", "AutoScalingGroup by this name already exists")
        self._check_launches()
        return super().create_auto_scaling_group()

    def update_auto_scaling_group(self) -> ActionResult:
        """https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-overview.html: update restriction."""
        refresh = active_refresh(self._group())
        if refresh and refresh.desired and any(self._get_param(kind) for kind in configurations.KINDS):
            raise ValidationError(
                "An active instance refresh with a desired configuration exists. All configuration options derived "
                "from the desired configuration are not available for update while the instance refresh is active."
            )
        self._check_launches()
        return super().update_auto_scaling_group()

    def delete_auto_scaling_group(self) -> ActionResult:
        group = self._group()
        if group.instance_states and not self._get_param("ForceDelete"):
            message = "You cannot delete an AutoScalingGroup while there are instances still in the group."
            raise AutoscalingClientError("ResourceInUse", message)
        refresh_steps.forget(group)
        return super().delete_auto_scaling_group()

    def create_launch_configuration(self) -> ActionResult:
        if self._get_param("LaunchConfigurationName") in self.autoscaling_backend.launch_configurations:
            raise AutoscalingClientError("AlreadyExists", "Launch Configuration by this name already exists")
        return super().create_launch_configuration()

    def describe_auto_scaling_groups(self) -> ActionResult:
        names, filters = self._get_param("AutoScalingGroupNames", []), self._get_param("Filters", [])
        for name in (str(each.get("Name")) for each in filters):
            if name not in ("tag-key", "tag-value") and not name.startswith("tag:"):
                raise ValidationError(f"Filter type {name} is not correct. Allowed: tag-key, tag-value, tag:<key>")
        groups = self.autoscaling_backend.describe_auto_scaling_groups(names, filters=filters)
        return self._page("AutoScalingGroups", groups)

    def describe_launch_configurations(self) -> ActionResult:
        names = self._get_param("LaunchConfigurationNames", [])
        return self._page("LaunchConfigurations", self.autoscaling_backend.describe_launch_configurations(names))

    def _check_launches(self) -> None:
        configuration = self._get_param("LaunchConfigurationName")
        if configuration and configuration not in self.autoscaling_backend.launch_configurations:
            raise ValidationError("Launch configuration name not found - null")
        given = {kind: self._get_param(kind) for kind in configurations.KINDS}
        configurations.check_configuration(self.autoscaling_backend.ec2_backend, given)

    def _page(self, name: str, items: list) -> ActionResult:
        wanted = self._get_int_param("MaxRecords", DEFAULT_RECORDS)
        if not 1 <= wanted <= MAX_RECORDS:
            raise ValidationError(
                f"1 validation error detected: Value '{wanted}' at 'maxRecords' failed to satisfy constraint: "
                f"Member must have value less than or equal to {MAX_RECORDS}"
            )
        try:
            found, token = page(items, wanted, self._get_param("NextToken"))
        except EC2ClientError as error:
            raise AutoscalingClientError("InvalidNextToken", "The NextToken value is not valid.") from error
        return ActionResult({name: found, "NextToken": token})


def start_auto_scaling() -> None:
    configurations.install()
    launches.install()
    capacity.install()


handle_request = bridge("autoscaling", AutoScaling)
