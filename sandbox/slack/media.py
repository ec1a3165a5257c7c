"""What a file is, told by its first bytes."""

_MAGIC = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
}
# https://docs.slack.dev/reference/block-kit/composition-objects/slack-file-object/
SHOWABLE = frozenset(_MAGIC.values())


def sniff(data: bytes) -> str:
    """The MIME type of `data`; what is no known picture counts as plain bytes."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), "application/octet-stream")
