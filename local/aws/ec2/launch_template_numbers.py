"""The versions of a launch template by their numbers, which stay theirs when another version is deleted.

moto takes a version's place in the list for its number, also where it starts an instance from a template.
"""

import re

from moto.ec2.exceptions import InvalidLaunchTemplateVersionNotFound
from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateVersion

from aws.ec2.errors import ec2_error


def version_of(template: LaunchTemplate, text: str | int | None) -> LaunchTemplateVersion:
    """The version that a number, `$Latest` or `$Default` (also for none) stands for."""
    wanted = str(text or "$Default")
    if wanted == "$Latest":
        return template.versions[-1]
    if wanted != "$Default" and not re.fullmatch(r"\d+", wanted):
        message = f"Invalid launch template version: either '$Default', '$Latest', or a numeric version; not {wanted}."
        raise ec2_error("InvalidLaunchTemplateId.VersionNotFound", message)
    number = template.default_version_number if wanted == "$Default" else int(wanted)
    for version in template.versions:
        if version.number == number:
            return version
    raise InvalidLaunchTemplateVersionNotFound(template_id=template.id, version=wanted)


def number_versions() -> None:
    """Makes moto's own look-ups go by the number."""

    def create_version(self: LaunchTemplate, data: dict, description: str) -> LaunchTemplateVersion:
        highest = max(getattr(self, "highest_version", 0), *(each.number for each in self.versions), 0)
        version = LaunchTemplateVersion(self, highest + 1, data, description)
        self.highest_version = version.number
        self.versions.append(version)
        return version

    LaunchTemplate.create_version = create_version
    LaunchTemplate.get_version = version_of
    LaunchTemplate.default_version = lambda self: version_of(self, "$Default")
