"""Reports of how other accounts use an image.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/your-ec2-ami-usage.html: a report is pending for a while, then
available, and deleted 30 days after it was asked for. What it says is as of then. Other accounts' usage is what
`control` says it is.
"""

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from moto.core.responses import ActionResult

from aws.ec2.errors import ec2_error, invalid_parameter, missing_parameter
from aws.ec2.filters import apply_filters, page
from aws.ec2.own_image import OwnImage
from aws.ec2.region import region_of
from aws.ec2.rules import read_tag_specifications
from aws.ec2.snapshot import wire_tags
from aws.ec2.wire import WireResult

LIFETIME = timedelta(days=30)
PENDING_SECONDS = 0.3
TYPES = {"ec2:Instance", "ec2:LaunchTemplate", "imagebuilder:ImageRecipe", "imagebuilder:ContainerRecipe"}
READERS = {"creation-time": lambda report: iso(report.created), "state": lambda report: report.state}
ENTRY_READERS = {
    "account-id": lambda entry: entry["AccountId"],
    "creation-time": lambda entry: iso(entry["ReportCreationTime"]),
    "resource-type": lambda entry: entry["ResourceType"],
}


@dataclass
class Report:
    """`counts` by account and resource type, once it is available; no accounts means all."""

    image_id: str
    types: list[dict]
    accounts: list[str] = field(default_factory=list)
    created: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    state: str = "pending"
    reason: str | None = None
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    id: str = field(default_factory=lambda: f"amiur-{secrets.token_hex(9)[:17]}")

    def finish(self, usage: dict[tuple[str, str], int]) -> None:
        wanted = {each["ResourceType"] for each in self.types}
        self.counts = {
            (account, kind): count
            for (account, kind), count in usage.items()
            if kind in wanted and (not self.accounts or account in self.accounts)
        }
        self.state = "available"

    def entries(self) -> list[dict]:
        own = {"ImageId": self.image_id, "ReportId": self.id, "ReportCreationTime": self.created}
        return [
            {**own, "AccountId": account, "ResourceType": kind, "UsageCount": count}
            for (account, kind), count in self.counts.items()
        ]


class UsageReports(OwnImage):
    def create_image_usage_report(self) -> ActionResult:
        image, types = self._own_image(), self._get_param("ResourceTypes", [])
        if not types:
            raise missing_parameter("ResourceType")
        if any(each.get("ResourceType") not in TYPES for each in types):
            raise invalid_parameter(f"Invalid resource types, not of {', '.join(sorted(TYPES))}")
        tags = read_tag_specifications(self._get_param("TagSpecifications", []), ("image-usage-report",))
        accounts, token = self._get_param("AccountIds", []), self._get_param("ClientToken")
        here, request = region_of(self.ec2_backend), (image.id, repr(types), repr(accounts))
        made = here.made_before("CreateImageUsageReport", token, request)
        if made is None:
            self.error_on_dryrun()
            report = Report(image.id, types, accounts)
            here.reports[report.id], made = report, report.id
            self.ec2_backend.create_tags([made], tags.get("image-usage-report", {}))
            here.remember("CreateImageUsageReport", token, request, made)
            usage = here.usage.setdefault(image.id, {})
            asyncio.get_running_loop().call_later(PENDING_SECONDS, report.finish, usage)
        return WireResult({"ReportId": made})

    def describe_image_usage_reports(self) -> ActionResult:
        reports = apply_filters(self._reports(), self._get_param("Filters", []), READERS, self._report_tags)
        found, token = page(reports, self._get_param("MaxResults"), self._get_param("NextToken"))
        return WireResult({"ImageUsageReports": [self._view_report(each) for each in found], "NextToken": token})

    def describe_image_usage_report_entries(self) -> ActionResult:
        entries = [entry for report in self._reports() for entry in report.entries()]
        entries = apply_filters(entries, self._get_param("Filters", []), ENTRY_READERS, lambda _: {})
        found, token = page(entries, self._get_param("MaxResults"), self._get_param("NextToken"))
        return WireResult({"ImageUsageReportEntries": found, "NextToken": token})

    def delete_image_usage_report(self) -> ActionResult:
        report_id = self._get_param("ReportId")
        self._known(report_id)
        self.error_on_dryrun()
        del region_of(self.ec2_backend).reports[report_id]
        return WireResult({"Return": True})

    def _reports(self) -> list[Report]:
        """Of the images, with the ids; both only narrow down, but an unknown report is refused."""
        self.error_on_dryrun()
        wanted = self._get_param("MaxResults")
        if wanted is not None and wanted < 1:
            raise invalid_parameter(f"Value ( {wanted} ) for parameter maxResults is invalid, under 1.")
        reports = region_of(self.ec2_backend).reports
        for each in [each for each in reports.values() if each.created + LIFETIME < datetime.now(timezone.utc)]:
            del reports[each.id]
        images, ids = self._get_param("ImageIds", []), self._get_param("ReportIds", [])
        found = [self._known(each) for each in ids] if ids else list(reports.values())
        return [each for each in found if not images or each.image_id in images]

    def _known(self, report_id: str) -> Report:
        report = region_of(self.ec2_backend).reports.get(report_id)
        if report is None:
            raise ec2_error("InvalidImageUsageReportId.NotFound", f"The report '{report_id}' does not exist")
        return report

    def _report_tags(self, report: Report) -> dict[str, str]:
        return self.ec2_backend.tags.get(report.id, {})

    def _view_report(self, report: Report) -> dict:
        return {
            "ImageId": report.image_id,
            "ReportId": report.id,
            "ResourceTypes": report.types,
            "AccountIds": report.accounts or None,
            "State": report.state,
            "StateReason": report.reason,
            "CreationTime": report.created,
            "ExpirationTime": report.created + LIFETIME,
            "Tags": wire_tags(self.ec2_backend, report.id),
        }


def iso(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z")
