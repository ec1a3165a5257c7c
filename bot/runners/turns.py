"""Whose command is next: people take turns, and each person's own commands keep their order."""

from collections import deque

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
