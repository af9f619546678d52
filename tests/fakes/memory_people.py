"""Moves, rulings, communities and erasing in the in-memory store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from moderation.charter import Charter
from moderation.decisions import Ruling
from moderation.messages import MessageKey
from moderation.policy import Leave, Policy
from moderation.ports import Community, MovedPost, community_of
from moderation.storage.erasing import Erasing
from tests.fakes.memory_state import State
from tests.fakes.memory_transaction import MemoryTransaction


class MemoryMoves:
    """moderation.ports.Moves."""

    def __init__(self, transaction: MemoryTransaction) -> None:
        self._transaction = transaction

    async def put(self, community: Community, posts: Sequence[MovedPost]) -> None:
        if any(community_of(post.original) != community for post in posts):
            raise ValueError(f"A post that is moved in {community} must come from there.")
        moves = (await self._transaction.write()).moves
        for post in posts:
            moves[community, post.move, post.original] = post

    async def of(self, community: Community, move: str) -> list[MovedPost]:
        return [post for key, post in self._transaction.state.moves.items() if key[:2] == (community, move)]

    async def with_original(self, original: MessageKey) -> list[MovedPost]:
        return [post for post in self._transaction.state.moves.values() if post.original == original]

    async def with_copy(self, community: Community, copy: str) -> list[MovedPost]:
        return [
            post
            for (where, *_), post in self._transaction.state.moves.items()
            if where == community and post.copy == copy
        ]


class MemoryRulings:
    """moderation.ports.Rulings."""

    def __init__(self, transaction: MemoryTransaction) -> None:
        self._transaction = transaction

    async def add(self, community: Community, ruling: Ruling) -> None:
        rulings = (await self._transaction.write()).rulings
        rulings.setdefault((community, ruling.subject, ruling.what, ruling.by, ruling.at), ruling)

    async def of(self, community: Community, subject: str) -> list[Ruling]:
        return [ruling for ruling in self._sorted(community) if ruling.subject == subject]

    async def all(self, community: Community, since: datetime | None = None) -> AsyncIterator[Ruling]:
        for ruling in self._sorted(community):
            if since is None or ruling.at >= since:
                yield ruling

    def _sorted(self, community: Community) -> Iterator[Ruling]:
        mine = [ruling for key, ruling in self._transaction.state.rulings.items() if key[0] == community]
        return iter(sorted(mine, key=lambda one: (one.at, one.by, one.subject, one.what)))


class MemoryCommunities:
    """moderation.ports.Communities."""

    def __init__(self, transaction: MemoryTransaction) -> None:
        self._transaction = transaction

    async def publish(self, community: Community, charter: Charter, policy: Policy, at: datetime) -> None:
        del at
        state = await self._transaction.write()
        versions = state.charters.get(community, ())
        if not versions or versions[-1] != (charter, policy):
            state.charters[community] = (*versions, (charter, replace(policy, leave=Leave())))

    async def current(self, community: Community) -> tuple[Charter, Policy] | None:
        versions = self._transaction.state.charters.get(community)
        return versions[-1] if versions else None

    async def all(self) -> list[Community]:
        return sorted(self._transaction.state.charters, key=str)

    async def opt_out(self, community: Community, member: str, *, silent: bool) -> None:
        opt_outs = (await self._transaction.write()).opt_outs
        if silent:
            opt_outs[community, member] = True
        else:
            opt_outs.pop((community, member), None)

    async def opted_out(self, community: Community, members: Collection[str]) -> set[str]:
        opt_outs = self._transaction.state.opt_outs
        return {member for member in members if (community, member) in opt_outs}

    async def choose_direct(self, community: Community, member: str, *, direct: bool) -> None:
        direct_messages = (await self._transaction.write()).direct_messages
        if direct:
            direct_messages[community, member] = True
        else:
            direct_messages.pop((community, member), None)

    async def chose_direct(self, community: Community, members: Collection[str]) -> set[str]:
        direct_messages = self._transaction.state.direct_messages
        return {member for member in members if (community, member) in direct_messages}

    async def erase_member(self, community: Community, member: str) -> None:
        state = await self._transaction.write()
        theirs = [
            kept.message.key for kept in state.messages_of(community) if kept.message.author.id == member
        ]
        theirs += [one.key for one in state.decisions_of(community) if one.author == member]
        posts = frozenset(f"{key.channel}/{key.message}" for key in theirs)
        state.draws = {key: one for key, one in state.draws.items() if key[0] not in theirs}
        actions = [queued.delivery.action for queued in state.queued_of(community)]
        erasing = Erasing(member, posts, Erasing(member, posts).new_markers(actions))
        _erase_rows(state, community, member)
        _erase_from_actions(state, community, erasing)
        state.moves = _renamed(state, community, erasing)
        for ruled in [key for key in state.rulings if key[0] == community]:
            if state.rulings[ruled].by == member or erasing.concerns(ruled[1]):
                del state.rulings[ruled]
        for told, (report, _) in list(state.reports.items()):
            if told[0] == community and (member in (told[1], report.sender) or report.message in posts):
                del state.reports[told]

    async def erase(self, community: Community) -> None:
        state = await self._transaction.write()
        state.messages = {key: one for key, one in state.messages.items() if community_of(key) != community}
        state.decisions = {
            key: one for key, one in state.decisions.items() if community_of(key[0]) != community
        }
        state.exchanges = {
            key: one for key, one in state.exchanges.items() if community_of(key[0]) != community
        }
        state.outbox = {key: one for key, one in state.outbox.items() if one.delivery.community != community}
        state.moves = {key: one for key, one in state.moves.items() if key[0] != community}
        state.rulings = {key: one for key, one in state.rulings.items() if key[0] != community}
        state.draws = {key: one for key, one in state.draws.items() if community_of(key[0]) != community}
        state.opt_outs = {key: one for key, one in state.opt_outs.items() if key[0] != community}
        state.direct_messages = {
            key: one for key, one in state.direct_messages.items() if key[0] != community
        }
        state.reports = {key: one for key, one in state.reports.items() if key[0] != community}
        state.charters.pop(community, None)


def _erase_rows(state: State, community: Community, member: str) -> None:
    for kept in state.messages_of(community):
        message = kept.message
        if message.author.id == member:
            del state.messages[message.key]
        elif member in message.mentions:
            others = tuple(name for name in message.mentions if name != member)
            state.messages[message.key] = replace(kept, message=replace(message, mentions=others))
    for decision in state.decisions_of(community):
        if decision.author == member:
            del state.decisions[decision.key, decision.revision]
    for key in [key for key in state.exchanges if community_of(key[0]) == community and member in key[1:]]:
        del state.exchanges[key]
    for place in [key for key, post in state.moves.items() if key[0] == community and post.author == member]:
        del state.moves[place]
    state.opt_outs.pop((community, member), None)
    state.direct_messages.pop((community, member), None)


def _renamed(
    state: State, community: Community, erasing: Erasing
) -> dict[tuple[Community, str, MessageKey], MovedPost]:
    """The moved posts under the markers that their moves have by now; one that is there already stays."""
    moves: dict[tuple[Community, str, MessageKey], MovedPost] = {}
    for key, post in state.moves.items():
        new = erasing.moves.get(post.move, post.move) if key[0] == community else post.move
        if new == post.move or (key[0], new, key[2]) not in state.moves:
            moves[key[0], new, key[2]] = replace(post, move=new)
    return moves


def _erase_from_actions(state: State, community: Community, erasing: Erasing) -> None:
    for decision in state.decisions_of(community):
        kept = tuple(rest for action in decision.actions if (rest := erasing.without(action)) is not None)
        state.decisions[decision.key, decision.revision] = replace(decision, actions=kept)
    queue = state.queued_of(community)
    taken = {
        one.delivery.marker for one in queue if erasing.without(one.delivery.action) == one.delivery.action
    }
    for queued in queue:
        delivery = queued.delivery
        rest = erasing.without(delivery.action)
        if rest is None or (rest != delivery.action and rest.marker in taken):
            del state.outbox[delivery.id]
            continue
        taken.add(rest.marker)
        result = "" if erasing.member in delivery.result else delivery.result
        state.outbox[delivery.id] = replace(queued, delivery=replace(delivery, action=rest, result=result))
