"""Taking a member's report in, and what moderators are shown once two people tell of the same."""

from __future__ import annotations

from moderation.errors import Gone
from moderation.notices import ReportShown
from moderation.ports import Community, Work
from moderation.report_actions import ShowReport
from moderation.reports import ENOUGH, KEPT, Report, case_of, new_case, reporters


async def take_in(work: Work, community: Community, report: Report) -> tuple[bool, bool]:
    """Keep a report under the case that it belongs to; whether it is new of this member, and whether moderators see it (uncommitted).

    Two reports of one member on the same case count once. It leads to a card and to nothing else.
    """
    earlier = await work.reports.all(community)
    case = case_of(report.text, report.sender, report.message, earlier)
    known = case is not None and report.reporter in reporters(case, earlier)
    case = case or new_case(report.reporter, report.at)
    if not known:
        kept = Report(case, report.reporter, report.text, report.sender, report.at, report.message)
        await work.reports.add(community, kept, report.at + KEPT)
        earlier = [*earlier, kept]
    told = reporters(case, earlier)
    if len(told) >= ENOUGH:
        await work.outbox.add(community, "", ShowReport(case, len(told)), report.at)
    return not known, len(told) >= ENOUGH


async def report_shown(work: Work, community: Community, case: str) -> ReportShown:
    """A case as moderators see it, by its first report. Raises Gone once nobody's report of it is kept."""
    every = await work.reports.all(community)
    there = [report for report in every if report.case == case]
    if not there:
        raise Gone(f"No report {case} is kept.")
    sender = next((report.sender for report in there if report.sender), "")
    message = next((report.message for report in there if report.message), "")
    return ReportShown(there[0].text, sender, len(reporters(case, every)), message)
