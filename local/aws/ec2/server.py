"""Answers EC2's calls in this process: moto's, with the rules of this folder first."""

from moto.ec2.responses import EC2Response

from aws.ec2.builder import Builders
from aws.ec2.catalog import add_public_images
from aws.ec2.change_instances import ChangeInstances
from aws.ec2.console_output import ConsoleOutput
from aws.ec2.copy_image import CopyImage
from aws.ec2.create_image import CreateImage
from aws.ec2.deprecate_image import DeprecateImage
from aws.ec2.describe_images import DescribeImages
from aws.ec2.image_attribute import ImageAttribute
from aws.ec2.instance_disks import attach_disks_of_image
from aws.ec2.instance_status import InstanceStatus
from aws.ec2.launch_template_numbers import number_versions
from aws.ec2.launch_template_versions import LaunchTemplateVersions
from aws.ec2.lifecycle import Lifecycle
from aws.ec2.protect_image import ProtectImage
from aws.ec2.recycle_bin import RecycleBin
from aws.ec2.references import References
from aws.ec2.retire_image import RetireImage
from aws.ec2.run_instances import RunInstances
from aws.ec2.security_groups import SecurityGroups
from aws.ec2.snapshots import Snapshots
from aws.ec2.state import Ec2State, backend_of
from aws.ec2.tags import Tags, find_tags_by_resource
from aws.ec2.usage_reports import UsageReports
from aws.faults import Faults
from aws.moto_bridge import bridge
from aws.settings import HOST, Settings


class Ec2(
    CreateImage,
    CopyImage,
    DescribeImages,
    DeprecateImage,
    ImageAttribute,
    ProtectImage,
    RetireImage,
    RecycleBin,
    Snapshots,
    RunInstances,
    ChangeInstances,
    InstanceStatus,
    ConsoleOutput,
    SecurityGroups,
    References,
    LaunchTemplateVersions,
    UsageReports,
    Tags,
    EC2Response,
):
    """The methods of this folder come before moto's of the same name."""

    def register_image(self):
        raise NotImplementedError("The RegisterImage action has not been implemented")


def start_ec2(settings: Settings, faults: Faults) -> None:
    """Makes EC2 ready, with the first region's data loaded, which takes most of a second."""
    find_tags_by_resource()
    attach_disks_of_image()
    number_versions()
    Ec2State.lifecycle = Lifecycle(settings.pending_seconds, faults)
    Ec2State.builders = Builders(f"http://{HOST}:{settings.port}")
    Ec2State.instances.listeners.append(Ec2State.builders.entered)
    add_public_images(backend_of(settings.region))


handle_request = bridge("ec2", Ec2, lambda region: add_public_images(backend_of(region)))
