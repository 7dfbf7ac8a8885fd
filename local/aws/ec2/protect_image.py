"""Deregistration protection: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deregistration-protection.html.

With a cooldown it stays in effect for 24 hours after it is turned off. What DescribeImages shows meanwhile is not
documented; here it is `disabled`, so that a caller who goes by it alone meets the refusal.
"""

from datetime import datetime, timedelta, timezone

from moto.core.responses import ActionResult

from aws.ec2.own_image import OwnImage

COOLDOWN = timedelta(hours=24)


class ProtectImage(OwnImage):
    def enable_image_deregistration_protection(self) -> ActionResult:
        image = self._own_image()
        self.error_on_dryrun()
        cooldown = self._get_param("WithCooldown", False)
        image.deregistration_protection = "enabled-with-cooldown" if cooldown else "enabled-without-cooldown"
        image.cooldown_until = None
        return ActionResult({"Return": image.deregistration_protection})

    def disable_image_deregistration_protection(self) -> ActionResult:
        image = self._own_image()
        self.error_on_dryrun()
        if image.deregistration_protection == "enabled-with-cooldown":
            image.cooldown_until = datetime.now(timezone.utc) + COOLDOWN
        image.deregistration_protection = "disabled"
        return ActionResult({"Return": image.deregistration_protection})
