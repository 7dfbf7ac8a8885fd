"""EC2's errors, with its own codes and messages.

https://docs.aws.amazon.com/ec2/latest/devguide/errors-overview.html; the messages are as the service sends them.
"""

import re

from moto.ec2.exceptions import EC2ClientError


def ec2_error(code: str, message: str) -> EC2ClientError:
    return EC2ClientError(code, message)


def invalid_parameter(message: str) -> EC2ClientError:
    return ec2_error("InvalidParameterValue", message)


def missing_parameter(name: str) -> EC2ClientError:
    return ec2_error("MissingParameter", f"The request must contain the parameter {name}")


def image_not_found(ids: list[str]) -> EC2ClientError:
    many = len(ids) > 1
    text = f"The image id{'s' if many else ''} '[{', '.join(ids)}]' do{'' if many else 'es'} not exist"
    return ec2_error("InvalidAMIID.NotFound", text)


def image_unavailable(image_id: str) -> EC2ClientError:
    return ec2_error("InvalidAMIID.Unavailable", f"The image ID '{image_id}' is no longer available")


def snapshot_not_found(snapshot_id: str) -> EC2ClientError:
    return ec2_error("InvalidSnapshot.NotFound", f"The snapshot '{snapshot_id}' does not exist.")


def check_id(value: str, prefix: str, code: str) -> None:
    """An id is its prefix and 8 or 17 hexadecimal digits; anything else is malformed, not unknown."""
    if not re.fullmatch(rf"{prefix}-([0-9a-f]{{8}}|[0-9a-f]{{17}})", value):
        raise ec2_error(code, f'Invalid id: "{value}" (expecting "{prefix}-...")')


def check_image_id(value: str | None) -> str:
    if not value:
        raise missing_parameter("imageId")
    check_id(value, "ami", "InvalidAMIID.Malformed")
    return value
