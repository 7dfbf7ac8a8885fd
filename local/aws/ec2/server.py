"""Answers EC2's calls in this process: moto's, with the rules of this folder first."""

import logging
from urllib.parse import urlencode

from moto.core.request import Request
from moto.ec2.responses import EC2Response

from aws.answers import Answer, error_answer
from aws.ec2.catalog import add_public_images
from aws.ec2.copy_image import CopyImage
from aws.ec2.create_image import CreateImage
from aws.ec2.deprecate_image import DeprecateImage
from aws.ec2.describe_images import DescribeImages
from aws.ec2.image_attribute import ImageAttribute
from aws.ec2.instances import Instances, attach_disks_of_image
from aws.ec2.launch_template_numbers import number_versions
from aws.ec2.launch_template_versions import LaunchTemplateVersions
from aws.ec2.lifecycle import Lifecycle
from aws.ec2.protect_image import ProtectImage
from aws.ec2.references import References
from aws.ec2.retire_image import RetireImage
from aws.ec2.snapshots import Snapshots
from aws.ec2.state import Ec2State, backend_of
from aws.ec2.tags import Tags, find_tags_by_resource
from aws.faults import Faults
from ministack.core.responses import get_region

logger = logging.getLogger("amity.ec2")


class Ec2(
    CreateImage,
    CopyImage,
    DescribeImages,
    DeprecateImage,
    ImageAttribute,
    ProtectImage,
    RetireImage,
    Snapshots,
    Instances,
    References,
    LaunchTemplateVersions,
    Tags,
    EC2Response,
):
    """The methods of this folder come before moto's of the same name."""

    def register_image(self):
        raise NotImplementedError("The RegisterImage action has not been implemented")


def start_ec2(pending_seconds: float, faults: Faults, region: str) -> None:
    """Makes EC2 ready, with the first region's data loaded, which takes most of a second."""
    find_tags_by_resource()
    attach_disks_of_image()
    number_versions()
    Ec2State.lifecycle = Lifecycle(pending_seconds, faults)
    add_public_images(backend_of(region))


async def handle_request(method: str, path: str, headers: dict, body: bytes, query: dict) -> Answer:
    """One call. It runs on the server's own loop, one at a time, so that no two calls interleave."""
    region = get_region()
    add_public_images(backend_of(region))
    url = f"https://ec2.{region}.amazonaws.com{path}?{urlencode(query, doseq=True)}"
    kept = {name: value for name, value in headers.items() if name not in ("host", "content-length", "user-agent")}
    request = Request.from_primitives(method, url, kept, body)
    try:
        status, answer_headers, answer = Ec2.dispatch(request)
    except NotImplementedError as error:
        return error_answer("ec2", "UnsupportedOperation", f"The embedded AWS does not model this: {error}", 400)
    except Exception as error:
        logger.exception("EC2 failed")
        return error_answer("ec2", "InternalError", f"The embedded AWS failed: {error!r}", 500)
    content_type = answer_headers.get("Content-Type", "text/xml;charset=UTF-8")
    return status, {"Content-Type": content_type}, answer.encode() if isinstance(answer, str) else answer
