"""The ack of a command: it leaves whatever happens, and says what has happened in its reader's language."""

from typing import Any

import structlog

from adapters.slack.answers import answered


class Ack:
    """Keeps what was acked."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []

    async def __call__(self, **words: Any) -> None:
        self.said.append(words)


async def test_a_defect_is_told_in_the_readers_language() -> None:
    """Under the reference that the log has, for the person alone."""

    async def breaks(_: object, __: dict[str, Any]) -> None:
        raise ValueError("a defect")

    ack, locales = Ack(), {"U1": "de-DE"}
    with structlog.testing.capture_logs() as logged:
        await answered(breaks, locales.get)(ack, {"user_id": "U1", "command": "/imagine"})  # type: ignore[arg-type]
        await answered(breaks, locales.get)(ack, {"user_id": "U2", "command": "/imagine"})  # type: ignore[arg-type]
    german, english = ack.said
    assert (german["response_type"], english["response_type"]) == ("ephemeral", "ephemeral")
    assert [event["reference"] in said["text"] for event, said in zip(logged, ack.said, strict=True)] == [True, True]
    assert "nothing was drawn" in english["text"]
    assert "nichts gezeichnet" in german["text"]
