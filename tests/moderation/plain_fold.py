"""The pipeline's own steps without storage: what rehearsals and statistics are compared with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from moderation.charter import Charter
from moderation.decisions import Decision, Verdict
from moderation.ledger import Ledger, Situation
from moderation.messages import Message
from moderation.policy import Policy, decide, skip, skip_reason

Judged = tuple[Message, Verdict]
Decided = tuple[Message, Decision]


def every_decision(judged: Iterable[Judged], charter: Charter, policy: Policy) -> list[Decided]:
    """Each decision as it falls, those about settled stretches too; skipped messages have theirs."""
    ledger = Ledger(charter, policy)
    decided: list[Decided] = []

    def close(message: Message, verdict: Verdict, situation: Situation, *, late: timedelta) -> None:
        now = message.posted_at + late
        decision = decide(message, verdict, situation.stretch, situation.record, charter, policy, now)
        ledger.note(decision)
        decided.append((message, decision))

    last: Message | None = None
    for message, verdict in judged:
        why = skip_reason(message, charter)
        if why is not None:
            decided.append((message, skip(message, why, charter, message.posted_at)))
            continue
        for due in ledger.due(message.posted_at):
            late = due.at - due.message.posted_at
            close(due.message, due.verdict, ledger.situation(due.message, due.at), late=late)
        close(message, verdict, ledger.observe(message, verdict), late=timedelta(0))
        last = message
    for due in ledger.due(last.posted_at + timedelta(days=1)) if last else ():
        late = due.at - due.message.posted_at
        close(due.message, due.verdict, ledger.situation(due.message, due.at), late=late)
    return decided


def stored(judged: Iterable[Judged], charter: Charter, policy: Policy) -> list[Decided]:
    """Each message once with its last decision, in order of posting, as storage gives them back."""
    return list(
        {message.key: (message, d) for message, d in every_decision(judged, charter, policy)}.values()
    )
