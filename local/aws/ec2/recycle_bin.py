"""The Recycle Bin: https://docs.aws.amazon.com/ebs/latest/userguide/recycle-bin-factors.html.

A restored image has its tags and launch permissions back. Before it all of its snapshots must be restored and
available again: a restored one is `recovering` for a while, with 99 % (the example of
https://docs.aws.amazon.com/cli/latest/reference/ec2/restore-snapshot-from-recycle-bin.html). AWS documents neither
the codes of the refusals, nor whether a name in the bin is still taken, nor in which state an image that was disabled
comes back: here a name is free, and an image comes back in the state that it had.
"""

import asyncio

from moto.core.responses import ActionResult
from moto.ec2.responses._base_response import EC2BaseResponse

from aws.ec2.errors import check_id, check_image_id, ec2_error, image_not_found, invalid_parameter, snapshot_not_found
from aws.ec2.filters import page
from aws.ec2.image import Image
from aws.ec2.recycle_rules import in_bin, take_out
from aws.ec2.region import Resource, Retained
from aws.ec2.snapshot import Snapshot
from aws.ec2.state import check_name_free
from aws.ec2.wire import WireResult

MAX_IDS = 20
MAX_RESULTS = 1000
RECOVERY_SECONDS = 0.3


class RecycleBin(EC2BaseResponse):
    def list_images_in_recycle_bin(self) -> ActionResult:
        ids, bin = self._get_param("ImageIds", []), in_bin(self.ec2_backend).binned_images
        if len(ids) > MAX_IDS:
            raise invalid_parameter(f"At most {MAX_IDS} image IDs can be specified")
        unknown = [each for each in ids if check_image_id(each) not in bin]
        if unknown:
            raise image_not_found(unknown)
        found, token = self._page(ids, bin, 1)
        shown = [
            {"ImageId": each.resource.id, "Name": each.resource.name, "Description": each.resource.description or None}
            | _times(each)
            for each in found
        ]
        return WireResult({"Images": shown, "NextToken": token})

    def list_snapshots_in_recycle_bin(self) -> ActionResult:
        ids, bin = self._get_param("SnapshotIds", []), in_bin(self.ec2_backend).binned_snapshots
        for each in ids:
            _check_snapshot(each, bin)
        found, token = self._page(ids, bin, 5)
        shown = [
            {
                "SnapshotId": each.resource.id,
                "Description": each.resource.description,
                "VolumeId": each.resource.volume_id,
            }
            | _times(each)
            for each in found
        ]
        return WireResult({"Snapshots": shown, "NextToken": token})

    def restore_image_from_recycle_bin(self) -> ActionResult:
        image_id, here = check_image_id(self._get_param("ImageId")), in_bin(self.ec2_backend)
        if image_id not in here.binned_images:
            raise image_not_found([image_id])
        image = here.binned_images[image_id].resource
        self._check_snapshots(image)
        check_name_free(self.ec2_backend, image.name)
        self.error_on_dryrun()
        take_out(self.ec2_backend, image_id, here.binned_images)
        self.ec2_backend.amis[image_id] = image
        self.ec2_backend.deleted_amis.remove(image_id)
        return WireResult({"Return": True})

    def restore_snapshot_from_recycle_bin(self) -> ActionResult:
        snapshot_id, here = self._get_param("SnapshotId") or "", in_bin(self.ec2_backend)
        _check_snapshot(snapshot_id, here.binned_snapshots)
        self.error_on_dryrun()
        snapshot = take_out(self.ec2_backend, snapshot_id, here.binned_snapshots)
        self.ec2_backend.snapshots[snapshot_id] = snapshot
        _recover(snapshot)
        return WireResult(
            {
                "SnapshotId": snapshot.id,
                "Description": snapshot.description,
                "Encrypted": snapshot.encrypted,
                "OwnerId": snapshot.owner_id,
                "Progress": "99%",
                "StartTime": snapshot.start_time,
                "State": snapshot.status,
                "VolumeId": snapshot.volume_id,
                "VolumeSize": snapshot.volume_size,
            }
        )

    def _check_snapshots(self, image: Image) -> None:
        for snapshot in image.snapshots:
            if snapshot.id not in self.ec2_backend.snapshots:
                raise snapshot_not_found(snapshot.id)
            if snapshot.status == "recovering":
                raise ec2_error("IncorrectState", f"Snapshot '{snapshot.id}' is not 'completed'.")

    def _page(self, ids: list[str], bin: dict[str, Retained[Resource]], least: int):
        wanted = self._get_param("MaxResults", MAX_RESULTS)
        if not least <= wanted <= MAX_RESULTS:
            message = f"Value ( {wanted} ) for parameter maxResults is invalid, not {least} to {MAX_RESULTS}."
            raise invalid_parameter(message)
        self.error_on_dryrun()
        items = [bin[each] for each in ids] if ids else list(bin.values())
        return page(items, wanted, self._get_param("NextToken"))


def _recover(snapshot: Snapshot) -> None:
    """It comes back in the state that it had, after a while."""
    before, snapshot.status = snapshot.status, "recovering"

    def finish() -> None:
        snapshot.status = before

    asyncio.get_running_loop().call_later(RECOVERY_SECONDS, finish)


def _check_snapshot(snapshot_id: str, bin: dict[str, Retained[Snapshot]]) -> None:
    check_id(snapshot_id, "snap", "InvalidSnapshotID.Malformed")
    if snapshot_id not in bin:
        raise snapshot_not_found(snapshot_id)


def _times(retained: Retained) -> dict:
    return {"RecycleBinEnterTime": retained.entered, "RecycleBinExitTime": retained.exits}
