"""Erasing one person from the database.

What they wrote is deleted row by row. Where others' rows name them (an action's members, a mention, who ruled),
those rows are written again without them. Rare and thorough, so it reads rather more than it must.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import and_, delete, or_, select, tuple_, update

from moderation.actions import Action
from moderation.ports import Community
from moderation.storage import tables
from moderation.storage.cleaning import clean_id
from moderation.storage.encoding import pack_action, pack_actions, unpack_action, unpack_actions
from moderation.storage.erasing import Erasing
from moderation.storage.places import of_community
from moderation.storage.reports import erase_reports
from moderation.storage.rows import MESSAGE, message_of, seal_payload
from moderation.storage.transaction import Transaction

messages, decisions, outbox, moves = tables.messages, tables.decisions, tables.outbox, tables.moves
PAGE = 100

rulings, draws, exchanges = tables.rulings, tables.draws, tables.exchanges
opt_outs, direct_messages = tables.opt_outs, tables.direct_messages


async def erase_member(transaction: Transaction, community: Community, member: str) -> None:
    """What moderation.ports.Communities.erase_member says."""
    member = clean_id(member)
    erasing = Erasing(member, await _posts(transaction, community, member))
    erasing = Erasing(member, erasing.posts, await _new_markers(transaction, community, erasing))
    await _delete_draws(transaction, community, member)
    await _delete_rows(transaction, community, member)
    await _rewrite_decisions(transaction, community, erasing)
    await _rewrite_outbox(transaction, community, erasing)
    await _rename_moves(transaction, community, erasing)
    await _delete_rulings(transaction, community, erasing)
    await _forget_mentions(transaction, community, member)
    await erase_reports(transaction, community, member, erasing.posts)


async def _posts(transaction: Transaction, community: Community, member: str) -> frozenset[str]:
    found: set[str] = set()
    for table in (messages, decisions):
        theirs = and_(of_community(table, community), table.c.author == member)
        rows = await transaction.read(select(table.c.channel, table.c.message).where(theirs))
        found.update(f"{channel}/{message}" for channel, message in rows)
    return frozenset(found)


async def _new_markers(transaction: Transaction, community: Community, erasing: Erasing) -> dict[str, str]:
    """A move's marker says whose posts are moved, so it changes with them."""
    actions: list[Action] = []
    for (packed,) in await transaction.read(select(outbox.c.action).where(of_community(outbox, community))):
        actions.append(unpack_action(packed))
    return erasing.new_markers(actions)


async def _delete_draws(transaction: Transaction, community: Community, member: str) -> None:
    """A draw does not say whose message it is: as long as these are there, messages and decisions do."""
    key = tuple_(draws.c.channel, draws.c.message)
    for table in (messages, decisions):
        theirs = and_(of_community(table, community), table.c.author == member)
        drawn = key.in_(select(table.c.channel, table.c.message).where(theirs))
        await transaction.write(delete(draws).where(of_community(draws, community), drawn))


async def _delete_rows(transaction: Transaction, community: Community, member: str) -> None:
    for table, condition in (
        (messages, messages.c.author == member),
        (decisions, decisions.c.author == member),
        (exchanges, or_(exchanges.c.giver == member, exchanges.c.receiver == member)),
        (moves, moves.c.author == member),
        (opt_outs, opt_outs.c.member == member),
        (direct_messages, direct_messages.c.member == member),
    ):
        await transaction.write(delete(table).where(of_community(table, community), condition))


async def _rewrite_decisions(transaction: Transaction, community: Community, erasing: Erasing) -> None:
    columns = decisions.c
    key = (columns.channel, columns.message, columns.revision)
    has_actions = and_(of_community(decisions, community), columns.actions.is_not(None))
    for channel, message, revision, packed in await transaction.read(
        select(*key, columns.actions).where(has_actions)
    ):
        kept = [rest for action in unpack_actions(packed) if (rest := erasing.without(action)) is not None]
        repacked = pack_actions(kept)
        if repacked != packed:
            this = and_(
                of_community(decisions, community),
                columns.channel == channel,
                columns.message == message,
                columns.revision == revision,
            )
            await transaction.write(update(decisions).where(this).values(actions=repacked))


async def _rewrite_outbox(transaction: Transaction, community: Community, erasing: Erasing) -> None:
    statement = select(outbox.c.id, outbox.c.action, outbox.c.result).where(of_community(outbox, community))
    rows = [
        (row[0], unpack_action(row[1]), row[2])
        for row in await transaction.read(statement.order_by(outbox.c.id))
    ]
    taken = {action.marker for _, action, _ in rows if erasing.without(action) == action}
    for number, action, result in rows:
        rest = erasing.without(action)
        # Without this person two moves may have become the same one; the marker of a community is unique.
        if rest is None or (rest != action and rest.marker in taken):
            await transaction.write(delete(outbox).where(outbox.c.id == number))
            continue
        taken.add(rest.marker)
        values = {
            "action": pack_action(rest),
            "marker": rest.marker,
            "result": "" if erasing.member in result else result,
        }
        await transaction.write(update(outbox).where(outbox.c.id == number).values(values))


async def _rename_moves(transaction: Transaction, community: Community, erasing: Erasing) -> None:
    for old, new in erasing.moves.items():
        here = of_community(moves, community)
        known = select(moves.c.channel, moves.c.message).where(here, moves.c.move == new)
        twice = and_(here, moves.c.move == old, tuple_(moves.c.channel, moves.c.message).in_(known))
        await transaction.write(delete(moves).where(twice))
        await transaction.write(update(moves).where(here, moves.c.move == old).values(move=new))


async def _delete_rulings(transaction: Transaction, community: Community, erasing: Erasing) -> None:
    here = of_community(rulings, community)
    await transaction.write(delete(rulings).where(here, rulings.c.by == erasing.member))
    for (subject,) in await transaction.read(select(rulings.c.subject).where(here).distinct()):
        if erasing.concerns(subject):
            await transaction.write(delete(rulings).where(here, rulings.c.subject == subject))


async def _forget_mentions(transaction: Transaction, community: Community, member: str) -> None:
    """Mentions are sealed, so each text that is still kept must be opened to find them."""
    number = messages.c.id
    kept = and_(of_community(messages, community), messages.c.payload.is_not(None))
    statement = select(number, *MESSAGE).where(kept).order_by(number).limit(PAGE)
    page = await transaction.read(statement)
    while page:
        for row in page:
            message = message_of(row[1:], transaction.vault)
            if member in message.mentions:
                others = tuple(name for name in message.mentions if name != member)
                sealed = seal_payload(replace(message, mentions=others), transaction.vault)
                await transaction.write(update(messages).where(number == row[0]).values(payload=sealed))
        page = await transaction.read(statement.where(number > page[-1][0]))
