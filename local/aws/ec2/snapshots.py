"""DescribeSnapshots and DeleteSnapshot.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSnapshots.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSnapshot.html.
"""

from moto.core.responses import ActionResult, EmptyResult
from moto.ec2.models.elastic_block_store import Snapshot
from moto.ec2.responses._base_response import EC2BaseResponse

from aws.ec2.errors import check_id, ec2_error, invalid_parameter
from aws.ec2.filters import apply_filters, page
from aws.ec2.snapshot import GIB, wire_tags
from aws.ec2.retire_image import delete_snapshot, users_of
from aws.ec2.state import own_snapshot
from aws.ec2.wire import WireResult

READERS = {
    "description": lambda snapshot: snapshot.description,
    "owner-id": lambda snapshot: snapshot.owner_id,
    "progress": lambda snapshot: snapshot.progress,
    "snapshot-id": lambda snapshot: snapshot.id,
    "start-time": lambda snapshot: snapshot.start_time.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    "status": lambda snapshot: snapshot.status,
    "volume-id": lambda snapshot: snapshot.volume_id,
    "volume-size": lambda snapshot: snapshot.volume_size,
}


class Snapshots(EC2BaseResponse):
    def describe_snapshots(self) -> ActionResult:
        self.error_on_dryrun()
        ids, max_results = self._get_param("SnapshotIds", []), self._get_param("MaxResults")
        if ids and max_results:
            raise ec2_error("InvalidParameterCombination", "The parameter snapshotIds cannot be used with maxResults")
        if max_results is not None and not 5 <= max_results <= 1000:
            raise invalid_parameter(f"Value ( {max_results} ) for parameter maxResults is invalid, not 5 to 1000.")
        snapshots = [self._snapshot(each) for each in ids] if ids else list(self.ec2_backend.snapshots.values())
        owners = {self.current_account if each == "self" else each for each in self._get_param("OwnerIds", [])}
        if owners:
            snapshots = [each for each in snapshots if each.owner_id in owners]
        snapshots = apply_filters(snapshots, self._get_param("Filters", []), READERS, self._snapshot_tags)
        found, token = page(snapshots, max_results, self._get_param("NextToken"))
        return WireResult({"Snapshots": [self._wire(each) for each in found], "NextToken": token})

    def delete_snapshot(self) -> EmptyResult:
        snapshot = self._snapshot(self._get_param("SnapshotId") or "")
        users = users_of(self.ec2_backend, snapshot.id)
        if users:
            message = f"The snapshot {snapshot.id} is currently in use by {users[0]}"
            raise ec2_error("InvalidSnapshot.InUse", message)
        self.error_on_dryrun()
        delete_snapshot(self.ec2_backend, snapshot)
        return EmptyResult()

    def _snapshot(self, snapshot_id: str) -> Snapshot:
        check_id(snapshot_id, "snap", "InvalidSnapshotID.Malformed")
        return own_snapshot(self.ec2_backend, snapshot_id)

    def _snapshot_tags(self, snapshot: Snapshot) -> dict[str, str]:
        return self.ec2_backend.tags.get(snapshot.id, {})

    def _wire(self, snapshot: Snapshot) -> dict:
        """moto's own snapshots (CreateSnapshot) are shown with the same words as those of images."""
        if hasattr(snapshot, "wire"):
            return snapshot.wire()
        return {
            "SnapshotId": snapshot.id,
            "VolumeId": snapshot.volume_id,
            "State": snapshot.status,
            "StartTime": snapshot.start_time,
            "Progress": snapshot.progress,
            "OwnerId": snapshot.owner_id,
            "Description": snapshot.description,
            "VolumeSize": snapshot.volume_size,
            "FullSnapshotSizeInBytes": snapshot.volume_size * GIB,
            "Encrypted": snapshot.encrypted,
            "Tags": wire_tags(self.ec2_backend, snapshot.id),
        }
