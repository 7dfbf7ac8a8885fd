"""Launch templates: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html.

moto's know no pages, no client tokens and no versions without a template, and put the template's own tags into its
data. Their versions are in launch_template_versions.
"""

import re

from moto.core.responses import ActionResult
from moto.ec2.exceptions import InvalidLaunchTemplateIdNotFound, InvalidLaunchTemplateNameNotFoundWithNameError
from moto.ec2.models.launch_templates import LaunchTemplate
from moto.ec2.responses._base_response import EC2BaseResponse
from moto.ec2.utils import parse_user_data

from aws.ec2.errors import check_id, ec2_error, invalid_parameter, missing_parameter
from aws.ec2.filters import apply_filters, page
from aws.ec2.launch_template_numbers import version_of
from aws.ec2.region import region_of
from aws.ec2.rules import read_tag_specifications
from aws.ec2.snapshot import wire_tags
from aws.ec2.wire import WireResult
from aws.settings import ACCOUNT

MAX_RESULTS = 200
NAME = re.compile(r"[a-zA-Z0-9().\-/_]{3,128}")
CREATED_BY = f"arn:aws:iam::{ACCOUNT}:root"
READERS = {
    "create-time": lambda template: template.create_time.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    "launch-template-name": lambda template: template.name,
}


class LaunchTemplates(EC2BaseResponse):
    def create_launch_template(self) -> ActionResult:
        name = self._get_param("LaunchTemplateName") or ""
        if not NAME.fullmatch(name):
            raise ec2_error("InvalidLaunchTemplateName.MalformedException", f"The name '{name}' is malformed.")
        tags = read_tag_specifications(self._get_param("TagSpecifications", []), ("launch-template",))
        data, description = self._template_data(), self._get_param("VersionDescription")
        here, token = region_of(self.ec2_backend), self._get_param("ClientToken")
        made = here.made_before("CreateLaunchTemplate", token, (name, data, description))
        if made is None:
            self.error_on_dryrun()
            template = self.ec2_backend.create_launch_template(name, description, data, tags)
            made = template.id
            here.remember("CreateLaunchTemplate", token, (name, data, description), made)
        return WireResult({"LaunchTemplate": self._view_template(self.ec2_backend.launch_templates[made])})

    def modify_launch_template(self) -> ActionResult:
        template, version = self._template(), self._get_param("DefaultVersion")
        if not version:
            raise missing_parameter("SetDefaultVersion")
        number = version_of(template, version).number
        self.error_on_dryrun()
        template.default_version_number = number
        return WireResult({"LaunchTemplate": self._view_template(template)})

    def delete_launch_template(self) -> ActionResult:
        template = self._template()
        self.error_on_dryrun()
        shown = self._view_template(template)
        self.ec2_backend.delete_launch_template(template.name, None)
        return WireResult({"LaunchTemplate": shown})

    def describe_launch_templates(self) -> ActionResult:
        self.error_on_dryrun()
        ids, names = self._get_param("LaunchTemplateIds", []), self._get_param("LaunchTemplateNames", [])
        templates = [self._by_id(each) for each in ids] + [self._by_name(each) for each in names]
        if not ids and not names:
            templates = list(self.ec2_backend.launch_templates.values())
        templates = apply_filters(templates, self._get_param("Filters", []), READERS, self._template_tags)
        found, token = page(templates, self._page_size(), self._get_param("NextToken"))
        return WireResult({"LaunchTemplates": [self._view_template(each) for each in found], "NextToken": token})

    def _template_data(self) -> dict:
        data = dict(self._get_param("LaunchTemplateData", {}))
        if not data:
            raise missing_parameter("LaunchTemplateData")
        if "UserData" in data:
            data["UserData"] = parse_user_data(data["UserData"])
        return data

    def _template(self) -> LaunchTemplate:
        """The template that the call names by its id or its name, one of the two."""
        template_id, name = self._get_param("LaunchTemplateId"), self._get_param("LaunchTemplateName")
        if bool(template_id) == bool(name):
            message = "You must specify either the launch template ID or the launch template name, but not both."
            raise ec2_error("MissingParameter" if not name else "InvalidParameterCombination", message)
        return self._by_id(template_id) if template_id else self._by_name(name)

    def _by_id(self, template_id: str) -> LaunchTemplate:
        check_id(template_id, "lt", "InvalidLaunchTemplateId.Malformed")
        if template_id not in self.ec2_backend.launch_templates:
            raise InvalidLaunchTemplateIdNotFound(template_id)
        return self.ec2_backend.launch_templates[template_id]

    def _by_name(self, name: str) -> LaunchTemplate:
        if name not in self.ec2_backend.launch_template_name_to_ids:
            raise InvalidLaunchTemplateNameNotFoundWithNameError(name)
        return self.ec2_backend.launch_templates[self.ec2_backend.launch_template_name_to_ids[name]]

    def _page_size(self) -> int:
        wanted = self._get_param("MaxResults", MAX_RESULTS)
        if not 1 <= wanted <= MAX_RESULTS:
            raise invalid_parameter(f"Value ( {wanted} ) for parameter maxResults is invalid, not 1 to {MAX_RESULTS}.")
        return wanted

    def _template_tags(self, template: LaunchTemplate) -> dict[str, str]:
        return self.ec2_backend.tags.get(template.id, {})

    def _view_template(self, template: LaunchTemplate) -> dict:
        return {
            "LaunchTemplateId": template.id,
            "LaunchTemplateName": template.name,
            "CreateTime": template.create_time,
            "CreatedBy": CREATED_BY,
            "DefaultVersionNumber": template.default_version_number,
            "LatestVersionNumber": template.latest_version_number,
            "Tags": wire_tags(self.ec2_backend, template.id) or None,
        }
