"""Deregistering, disabling and enabling images. What is deregistered or deleted may go into the Recycle Bin.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeregisterImage.html,
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/disable-an-ami.html.
"""

from moto.core.responses import ActionResult

from aws.ec2.errors import ec2_error
from aws.ec2.image import Image
from aws.ec2.own_image import OwnImage
from aws.ec2.recycle_rules import IMAGE, SNAPSHOT, recycle
from aws.ec2.region import region_of
from aws.ec2.snapshot import ImageSnapshot, Snapshot
from aws.ec2.state import Ec2State
from aws.iam import may_delete_snapshot


class RetireImage(OwnImage):
    def deregister_image(self) -> ActionResult:
        image = self._own_image()
        if image.is_protected:
            raise ec2_error("OperationNotPermitted", f"AMI {image.id} is protected from deregistration")
        self.error_on_dryrun()
        deregister(self.ec2_backend, image)
        result = {"Return": True}
        if self._get_param("DeleteAssociatedSnapshots", False):
            result["DeleteSnapshotResults"] = [
                {"SnapshotId": snapshot.id, "ReturnCode": self._delete(snapshot)} for snapshot in image.snapshots
            ]
        return ActionResult(result)

    def disable_image(self) -> ActionResult:
        """Only an available image can be disabled; its launch permissions are gone for good."""
        image = self._own_image()
        if image.state != "available":
            raise ec2_error("InvalidAMIID.Unavailable", f"The image ID '{image.id}' is not in state 'available'")
        self.error_on_dryrun()
        image.launch_permissions = []
        Ec2State.lifecycle.settle(image, "disabled")
        return ActionResult({"Return": True})

    def enable_image(self) -> ActionResult:
        image = self._own_image()
        if image.state != "disabled":
            raise ec2_error("InvalidAMIID.Unavailable", f"The image ID '{image.id}' is not in state 'disabled'")
        self.error_on_dryrun()
        Ec2State.lifecycle.settle(image, "available")
        return ActionResult({"Return": True})

    def _delete(self, snapshot: ImageSnapshot) -> str:
        """The ReturnCode: skipped when another image shares it; a test can have others by the snapshot's id."""
        forced = SnapshotResults.forced.pop(snapshot.id, None)
        if forced is not None:
            return forced
        if snapshot.id not in self.ec2_backend.snapshots:
            return "client-error"
        if users_of(self.ec2_backend, snapshot.id):
            return "skipped"
        if not may_delete_snapshot(snapshot.id):
            return "missing-permissions"
        delete_snapshot(self.ec2_backend, snapshot)
        return "success"


class SnapshotResults:
    """Return codes that a test wants for the deletion of given snapshots; each serves once."""

    forced: dict[str, str] = {}


def deregister(backend, image: Image) -> None:
    Ec2State.lifecycle.stop(image)
    del backend.amis[image.id]
    backend.deleted_amis.append(image.id)
    recycle(backend, IMAGE, image, region_of(backend).binned_images)
    Ec2State.lifecycle.announce(image, "deregistered")


def delete_snapshot(backend, snapshot: Snapshot) -> None:
    del backend.snapshots[snapshot.id]
    recycle(backend, SNAPSHOT, snapshot, region_of(backend).binned_snapshots)


def users_of(backend, snapshot_id: str) -> list[str]:
    """The ids of registered images, disabled ones too, that a snapshot belongs to."""
    return [image.id for image in backend.amis.values() if any(each.id == snapshot_id for each in image.snapshots)]
