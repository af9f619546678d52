"""Lone posts: casual ones that nobody joined, counted for each author and channel over a week.

Lines posted within minutes are one post. What became part of a stretch of casual talk was not lone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from datetime import datetime, timedelta

WEEK = timedelta(days=7)
"""How long a lone post counts; nothing that a ledger sees counts longer."""
BURST = timedelta(minutes=5)
"""Lines that one person posts within this time are one post."""


class LonePosts:
    """The lone posts of one community. Messages go by their ids, which are unique within a channel."""

    def __init__(self) -> None:
        self._posts: dict[tuple[str, str], deque[tuple[str, datetime]]] = {}

    def add(self, channel: str, author: str, message: str, at: datetime) -> int:
        """Take in a casual post; return how many this author has here by now, this one included."""
        self.count(channel, author, at)
        posts = self._posts.setdefault((channel, author), deque())
        if posts and at - posts[-1][1] <= BURST:
            posts.pop()
        posts.append((message, at))
        return len(posts)

    def count(self, channel: str, author: str, now: datetime) -> int:
        """How many this author has here within the week before `now`."""
        posts = self._posts.get((channel, author), deque())
        while posts and now - posts[0][1] > WEEK:
            posts.popleft()
        return len(posts)

    def join(self, channel: str, members: Collection[str], messages: Collection[str]) -> None:
        """These messages of these people became part of a stretch."""
        for member in members:
            posts = self._posts.get((channel, member), deque())
            for post in [post for post in posts if post[0] in messages]:
                posts.remove(post)

    def clear(self, channel: str, author: str) -> None:
        """Begin to count anew: the author was told."""
        self._posts.pop((channel, author), None)

    def withdraw(self, channel: str, message: str) -> None:
        """A message was deleted or is no longer casual."""
        for place, posts in self._posts.items():
            if place[0] == channel:
                self._posts[place] = deque(post for post in posts if post[0] != message)

    def forget(self, author: str) -> None:
        """Erase one person."""
        self._posts = {place: posts for place, posts in self._posts.items() if place[1] != author}

    def prune(self, now: datetime) -> None:
        """Drop the authors whose latest lone post is more than a week old."""
        self._posts = {
            place: posts for place, posts in self._posts.items() if posts and now - posts[-1][1] <= WEEK
        }
