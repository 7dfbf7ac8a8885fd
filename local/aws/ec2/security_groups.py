"""Security groups: found by EC2's own filters and pages, and held by the instances that use them.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html: a group that is associated with
an instance or a network interface is DependencyViolation. moto deletes any.
"""

from moto.core.responses import ActionResult
from moto.ec2.models.security_groups import SecurityGroup
from moto.ec2.responses.security_groups import SecurityGroups as MotoSecurityGroups

from aws.ec2.errors import ec2_error, invalid_parameter, missing_parameter
from aws.ec2.filters import apply_filters, page
from aws.ec2.rules import read_tag_specifications
from aws.ec2.state import find_group

READERS = {
    "description": lambda group: group.description,
    "group-id": lambda group: group.id,
    "group-name": lambda group: group.name,
    "owner-id": lambda group: group.owner_id,
    "vpc-id": lambda group: group.vpc_id,
}


class SecurityGroups(MotoSecurityGroups):
    def create_security_group(self) -> ActionResult:
        read_tag_specifications(self._get_param("TagSpecifications", []), ("security-group",))
        return super().create_security_group()

    def delete_security_group(self) -> ActionResult:
        group_id, name = self._get_param("GroupId"), self._get_param("GroupName")
        if not group_id and not name:
            raise missing_parameter("GroupName or GroupId")
        backend = self.ec2_backend
        group = find_group(backend, group_id) if group_id else backend.get_security_group_from_name(name)
        if group is None:
            raise ec2_error("InvalidGroup.NotFound", f"The security group '{name}' does not exist")
        if group.is_default:
            message = f'the specified group: "{group.id}" name: "{group.name}" cannot be deleted by a user'
            raise ec2_error("CannotDelete", message)
        if self._is_used(group):
            raise ec2_error("DependencyViolation", f"resource {group.id} has a dependent object")
        self.error_on_dryrun()
        self.ec2_backend.delete_security_group(group_id=group.id)
        return ActionResult({"Return": True, "GroupId": group.id})

    def describe_security_groups(self) -> ActionResult:
        self.error_on_dryrun()
        ids, names, wanted = (self._get_param(each) for each in ("GroupIds", "GroupNames", "MaxResults"))
        if wanted is not None and not 5 <= wanted <= 1000:
            raise invalid_parameter(f"Value ( {wanted} ) for parameter maxResults is invalid, not 5 to 1000.")
        groups = [find_group(self.ec2_backend, each) for each in ids or []]
        if not ids:
            groups = self.ec2_backend.describe_security_groups()
        if names:
            groups = [each for each in groups if each.name in names]
        groups = apply_filters(groups, self._get_param("Filters", []), READERS, self._group_tags)
        found, token = page(groups, wanted, self._get_param("NextToken"))
        return ActionResult({"SecurityGroups": found, "NextToken": token})

    def _group_tags(self, group: SecurityGroup) -> dict[str, str]:
        return self.ec2_backend.tags.get(group.id, {})

    def _is_used(self, group: SecurityGroup) -> bool:
        """By an instance until that is terminated, and by an interface that stands alone."""
        instances = [each for each in self.ec2_backend.all_instances() if each.state != "terminated"]
        interfaces = [each for instance in instances for each in instance.nics.values()]
        interfaces += [each for each in self.ec2_backend.enis.values() if each.instance is None]
        holders = [each.security_groups for each in instances] + [each.group_set for each in interfaces]
        return any(held.id == group.id for groups in holders for held in groups)
