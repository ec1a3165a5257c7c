"""Whose command is next: people take turns, and each person's own commands keep their order."""

from collections import deque
from itertools import zip_longest

from bot.model import Account, GenerationId


class Turns:
    """A queue that serves one command a person, round after round; somebody new is served in the current round."""

    def __init__(self) -> None:
        self._by_account: dict[Account, deque[GenerationId]] = {}
        self._ids: set[GenerationId] = set()

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, id: object) -> bool:
        return id in self._ids

    def add(self, id: GenerationId, account: Account) -> None:
        """Put a command behind the others of its person."""
        self._ids.add(id)
        self._by_account.setdefault(account, deque()).append(id)

    def remove(self, id: GenerationId) -> None:
        """Let a command wait no longer; nothing if it does not."""
        if id in self._ids:
            self._ids.remove(id)
            for account, line in self._by_account.items():
                if id in line:
                    line.remove(id)
                    if not line:
                        del self._by_account[account]
                    return

    def order(self) -> list[GenerationId]:
        """Everything that waits, as it would be served if nobody came any more."""
        rounds = zip_longest(*self._by_account.values())
        return [one for turn in rounds for one in turn if one is not None]

    def before(self, account: Account) -> int:
        """How many are served before one that `account` would add now."""
        if account not in self._by_account:
            # Each of those who wait is served once. Asked for every command, so not counted one by one.
            return len(self._by_account)
        own = len(self._by_account[account])
        # Those in front of the person in this round are served once more than those behind.
        seat = list(self._by_account).index(account)
        others = ((at, line) for at, (who, line) in enumerate(self._by_account.items()) if who != account)
        return own + sum(min(len(line), own + (at < seat)) for at, line in others)

    def take(self) -> GenerationId:
        """The next command; its person is then last in line. KeyError if there is none."""
        account = next(iter(self._by_account), None)
        if account is None:
            raise KeyError("nobody waits")
        line = self._by_account.pop(account)
        first = line.popleft()
        if line:
            self._by_account[account] = line
        self._ids.remove(first)
        return first
