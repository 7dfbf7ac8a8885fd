"""EnableImageDeprecation and DisableImageDeprecation.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableImageDeprecation.html: not in the past, rounded to
the minute, at most 10 years from now, and 2 from its creation for a public image. Its owner still sees a deprecated
image: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deprecate.html. The page names no error codes.
"""

from datetime import datetime, timedelta, timezone

from moto.core.responses import ActionResult

from aws.ec2.errors import invalid_parameter, missing_parameter
from aws.ec2.image import Image
from aws.ec2.own_image import OwnImage

YEAR = timedelta(days=365)


class DeprecateImage(OwnImage):
    def enable_image_deprecation(self) -> ActionResult:
        image = self._own_image()
        at = self._get_param("DeprecateAt")
        if at is None:
            raise missing_parameter("DeprecateAt")
        at = _utc(at)
        _check(image, at)
        self.error_on_dryrun()
        image.deprecation_time = round_to_minute(at)
        return ActionResult({"Return": True})

    def disable_image_deprecation(self) -> ActionResult:
        image = self._own_image()
        self.error_on_dryrun()
        image.deprecation_time = None
        return ActionResult({"Return": True})


def round_to_minute(time: datetime) -> datetime:
    """The nearest minute; half a minute is rounded up."""
    return (time + timedelta(seconds=30)).replace(second=0, microsecond=0)


def _utc(time: datetime) -> datetime:
    return time.replace(tzinfo=timezone.utc) if time.tzinfo is None else time.astimezone(timezone.utc)


def _check(image: Image, at: datetime) -> None:
    now = datetime.now(timezone.utc)
    limit = image.creation_date + 2 * YEAR if image.is_public else now + 10 * YEAR
    if at < now:
        raise invalid_parameter(f"Invalid value '{at:%Y-%m-%dT%H:%M:%S.000Z}' for DeprecateAt. It is in the past.")
    if at > limit + timedelta(days=3):
        raise invalid_parameter(f"Invalid value '{at:%Y-%m-%dT%H:%M:%S.000Z}' for DeprecateAt. It is too far ahead.")
