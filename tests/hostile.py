"""Text that tries to ping people, to break out of its place, or to wreck what stands around it."""

from typing import Final

BIDI: Final = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

HOSTILE: Final = {
    "everyone": "a fox @everyone @here @channel",
    "slack specials": "a fox <!channel> <!here> <!everyone> <!subteam^S0SBX000001> <!subteam^S1|@team>",
    "slack people": "a fox <@U0SBX000005> <@W1|name> <#C0SBX000006|general>",
    "discord people": "a fox <@1> <@!12345678901234567> <@&12345678901234567> <#12345678901234567>",
    "discord widgets": "a fox </imagine:12345678901234567> <t:1900000000:R> <:fox:12345678901234567> <id:customize>",
    "double escapes": "a fox &lt;!channel&gt; &amp;lt;!here&amp;gt; \\<@1> \\\\<@1>",
    "zero width": "a fox @\u200beveryone <\u200b!channel> <@\u2060U0SBX000005> <\ufeff@1>",
    "hidden halves": "a fox @every\u202eone <!chan\u2066nel> <@U0SBX\u00ad000005>",
    "masked links": "a fox [your bank](https://evil.example) [a](<https://evil.example>) [b][1]",
    "slack links": "a fox <https://evil.example|your bank> <mailto:a@evil.example|help>",
    "fences": "a fox ``` and ```` and ` and ```js\u2028alert``` `",
    "styles": "a fox *b* **b** _i_ __u__ ~s~ ~~s~~ ||spoiler|| `c`",
    "heading": "# a fox",
    "quote": "> a fox >>> on",
    "list": "- a fox",
    "small": "-# a fox",
    "ordered": "9. a fox",
    "lines": "a fox\n# shout\n> quote\n- list\n```\nfence",
    "override": "a fox \u202egpj.exe \u2067kcehc",
    "isolates": "\u2068a fox\u2069\u2069\u202c\u202c",
    "zalgo": "a fo\u0301x" + "\u0301\u0489\u20dd" * 200,
    "controls": "a\x00 \x07fox \x1b[31mred\x7f \x9b31m \x08\x08",
    "separators": "a\u2028fox\u2029in\x85the\x0bsnow",
    "backslashes": "a fox \\* \\\\* \\",
    "emoji names": "a fox :smile: :fox_face:",
    "tags": "a fox \U000e0068\U000e0069",
}
