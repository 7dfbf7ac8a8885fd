"""Versions of launch templates, of one or of all.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplateVersions.html: of one template all,
some or a range ("after" `MinVersion`, "up to" `MaxVersion`), the newest first; without a template `$Latest` and
`$Default` of all. At most 200 a page. A version that is both `$Latest` and `$Default` comes once. An image can be
`resolve:ssm:…`, which `ResolveAlias` resolves.
"""

from ministack.services import ssm
from moto.core.responses import ActionResult
from moto.core.utils import get_service_model
from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateVersion

from aws.ec2.errors import ec2_error, invalid_parameter
from aws.ec2.filters import apply_filters, page
from aws.ec2.launch_template_numbers import version_of
from aws.ec2.launch_templates import CREATED_BY, LaunchTemplates
from aws.ec2.region import region_of
from aws.ec2.wire import WireResult

ALIAS = "resolve:ssm:"
OF_ALL = {"$Latest", "$Default"}
READERS = {
    "create-time": lambda version: version.create_time.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    "image-id": lambda version: version.image_id or None,
    "instance-type": lambda version: version.instance_type or None,
    "is-default-version": lambda version: version.template.is_default(version),
}


class LaunchTemplateVersions(LaunchTemplates):
    def create_launch_template_version(self) -> ActionResult:
        """With a source version, what is not given is as in that."""
        template, source = self._template(), self._get_param("SourceVersion")
        before = version_of(template, source).data if source else {}
        data, description = {**before, **self._template_data()}, self._get_param("VersionDescription")
        here, token = region_of(self.ec2_backend), self._get_param("ClientToken")
        request = (template.id, data, description)
        made = here.made_before("CreateLaunchTemplateVersion", token, request)
        if made is None:
            self.error_on_dryrun()
            made = str(template.create_version(data, description).number)
            here.remember("CreateLaunchTemplateVersion", token, request, made)
        return WireResult({"LaunchTemplateVersion": self._view_version(version_of(template, made))})

    def describe_launch_template_versions(self) -> ActionResult:
        self.error_on_dryrun()
        wanted = self._get_param("Versions", [])
        named = self._get_param("LaunchTemplateId") or self._get_param("LaunchTemplateName")
        versions = self._versions_of(self._template(), wanted) if named else self._versions_of_all(wanted)
        versions = apply_filters(versions, self._get_param("Filters", []), READERS, lambda _: {})
        found, token = page(versions, self._page_size(), self._get_param("NextToken"))
        shown = [self._view_version(each) for each in found]
        return WireResult({"LaunchTemplateVersions": shown, "NextToken": token})

    def delete_launch_template_versions(self) -> ActionResult:
        """The default version stays; another may be made the default first."""
        template, deleted, kept = self._template(), [], []
        self.error_on_dryrun()
        for number in self._get_param("Versions", []):
            item = {"LaunchTemplateId": template.id, "LaunchTemplateName": template.name, "VersionNumber": int(number)}
            version = next((each for each in template.versions if each.number == int(number)), None)
            if version is None or template.is_default(version):
                code = "launchTemplateVersionDoesNotExist" if version is None else "unexpectedError"
                kept.append({**item, "ResponseError": {"Code": code, "Message": "The version cannot be deleted."}})
            else:
                template.versions.remove(version)
                deleted.append(item)
        names = ("SuccessfullyDeletedLaunchTemplateVersions", "UnsuccessfullyDeletedLaunchTemplateVersions")
        return WireResult(dict(zip(names, (deleted, kept), strict=True)))

    def _versions_of(self, template: LaunchTemplate, wanted: list[str]) -> list[LaunchTemplateVersion]:
        versions = [version_of(template, each) for each in wanted] if wanted else template.versions
        after, high = int(self._get_param("MinVersion", 0)), int(self._get_param("MaxVersion", 2**63))
        found = {each.number: each for each in versions if after < each.number <= high}
        return [found[number] for number in sorted(found, reverse=True)]

    def _versions_of_all(self, wanted: list[str]) -> list[LaunchTemplateVersion]:
        if not wanted or not set(wanted) <= OF_ALL:
            message = (
                "To describe the launch template data for all your launch templates, for '--versions' specify "
                "'$Latest', '$Default', or both, and omit '--launch-template-id', '--launch-template-name', and "
                "version numbers."
            )
            raise ec2_error("InvalidParameterCombination", message) if wanted else invalid_parameter(message)
        templates = self.ec2_backend.launch_templates.values()
        return [version for template in templates for version in self._versions_of(template, wanted)]

    def _view_version(self, version: LaunchTemplateVersion) -> dict:
        shown = get_service_model("ec2").shape_for("ResponseLaunchTemplateData").members
        data = {name: value for name, value in version.data.items() if name in shown}
        if self._get_param("ResolveAlias", False) and version.image_id.startswith(ALIAS):
            data["ImageId"] = resolve_alias(version.image_id)
        return {
            "LaunchTemplateId": version.template.id,
            "LaunchTemplateName": version.template.name,
            "VersionNumber": version.number,
            "VersionDescription": version.description,
            "CreateTime": version.create_time,
            "CreatedBy": CREATED_BY,
            "DefaultVersion": version.template.is_default(version),
            "LaunchTemplateData": data,
        }


def resolve_alias(image: str) -> str:
    """The value of the parameter, now: of a version or a label here too."""
    name = image[len(ALIAS) :]
    parameter = ssm._parameters.get(name) or ssm._parameters.get(name.rpartition(":")[0])
    if parameter is None:
        raise invalid_parameter(f"Parameter {name} not found.")
    return parameter["Value"]
