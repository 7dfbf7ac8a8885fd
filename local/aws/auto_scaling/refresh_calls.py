"""StartInstanceRefresh, DescribeInstanceRefreshes, CancelInstanceRefresh and RollbackInstanceRefresh.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh.html. Of the strategies only the default,
Rolling; alarms are not asked. One refresh of a group at a time.
"""

from moto.autoscaling.exceptions import AutoscalingClientError, ValidationError
from moto.autoscaling.models import FakeAutoScalingGroup
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult

from aws.auto_scaling import refresh_steps
from aws.auto_scaling.configurations import Configuration, check_configuration, complete
from aws.auto_scaling.instance_refresh import InstanceRefresh, active_refresh, refreshes_of
from aws.auto_scaling.refresh_checks import check_auto_rollback, read_preferences, why_not_back


class InstanceRefreshes(AutoScalingResponse):
    def start_instance_refresh(self) -> ActionResult:
        group = self._group()
        if self._get_param("Strategy", "Rolling") != "Rolling":
            raise NotImplementedError("an instance refresh that replaces root volumes")
        if active_refresh(group):
            message = "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh."
            raise AutoscalingClientError("InstanceRefreshInProgress", message)
        desired = self._desired_configuration(group)
        preferences = read_preferences(group, self._get_param("Preferences", {}))
        if preferences["AutoRollback"]:
            check_auto_rollback(group, desired)
        refresh = InstanceRefresh(group, desired, preferences)
        refresh_steps.start(refresh)
        return ActionResult({"InstanceRefreshId": refresh.id})

    def describe_instance_refreshes(self) -> ActionResult:
        """The newest first."""
        ids = self._get_param("InstanceRefreshIds", [])
        found = [each.view() for each in refreshes_of(self._group()) if not ids or each.id in ids]
        return self._page("InstanceRefreshes", found)

    def cancel_instance_refresh(self) -> ActionResult:
        refresh = self._active("in progress or pending")
        if refresh.status != "Cancelling":
            refresh_steps.cancel(refresh)
        return ActionResult({"InstanceRefreshId": refresh.id})

    def rollback_instance_refresh(self) -> ActionResult:
        """A rollback that is under way goes on."""
        refresh = self._active("in progress or baking", {"Pending", "Cancelling"})
        group = refresh.group
        reason = why_not_back(group, group.configuration) if refresh.desired else "there is no desired configuration"
        if reason:
            message = f"The instance refresh cannot be rolled back: {reason}."
            raise AutoscalingClientError("IrreversibleInstanceRefresh", message)
        if refresh.status != "RollbackInProgress":
            refresh_steps.roll_back(refresh, "Rollback initiated by user request.")
        return ActionResult({"InstanceRefreshId": refresh.id})

    def _group(self) -> FakeAutoScalingGroup:
        name = self._get_param("AutoScalingGroupName")
        group = self.autoscaling_backend.autoscaling_groups.get(name)
        if group is None:
            raise ValidationError(f"AutoScalingGroup name not found - AutoScalingGroup '{name}' not found")
        return group

    def _active(self, words: str, without: set[str] | None = None) -> InstanceRefresh:
        group = self._group()
        refresh = active_refresh(group)
        if refresh is None or refresh.status in (without or set()):
            message = f"No {words} Instance Refresh found for Auto Scaling group {group.name}"
            raise AutoscalingClientError("ActiveInstanceRefreshNotFound", message)
        return refresh

    def _desired_configuration(self, group: FakeAutoScalingGroup) -> Configuration | None:
        given = self._get_param("DesiredConfiguration", {})
        check_configuration(group.ec2_backend, given)
        return complete(group.ec2_backend, given) or None
