"""Sentences about what is kept of a person: having it, and having it gone."""

from adapters.locales.messages import Messages
from adapters.sentences import Code, Sentence


class DataWords(Messages):
    """What `/imagine-data` says."""

    @property
    def imagine_data(self) -> str:
        return self._text("Get what is kept about you, or have it erased")

    def about_export(self) -> str:
        return self._text("Get everything that is kept about you, as a file in a direct message")

    def about_erase(self) -> str:
        return self._text("Erase your prompts, the links of your pictures and your settings")

    @property
    def data_erase_button(self) -> str:
        return self._text("Erase my data")

    @property
    def somebody_erased(self) -> str:
        """In place of a name where a person's data is gone."""
        return self._text("people whose data was erased")

    def data_help(self, *, command: str) -> Sentence:
        return self._sentence(
            "{export} sends you a file with everything that is kept about you.\n"
            "{erase} removes your prompts, results and links for good. It asks you first.",
            export=Code(f"{command} export"),
            erase=Code(f"{command} erase"),
        )

    def data_unknown(self, *, word: str, command: str) -> Sentence:
        start = self._text("There is no command “{word}”. Nothing was changed.", word=word)
        return (f"{start}\n", *self.data_help(command=command))

    def data_sent(self, *, count: int) -> Sentence:
        return (
            self._count(
                "Everything that is kept about you comes to you as a direct message: {n} command, your settings, and"
                " the rules about you.",
                "Everything that is kept about you comes to you as a direct message: {n} commands, your settings, and"
                " the rules about you.",
                count,
            ),
        )

    def data_not_sent(self) -> Sentence:
        return (self._text("The file could not be sent to you. Nothing was changed; please try again later."),)

    def data_not_taken(self) -> Sentence:
        return (
            self._text("The file could not be sent to you. Please allow direct messages from this bot, and try again."),
        )

    def data_confirm(self) -> Sentence:
        return (
            self._text(
                "This erases your prompts, results, links and settings for good, wherever you have used the bot on"
                " this platform. Your credits stay as they are. Messages that are posted stay, and their buttons stop"
                " working: first press Delete on those that should go. To keep a copy, export your data first."
            ),
        )

    def data_erased(self, *, count: int, under_way: int) -> Sentence:
        parts = [
            self._count(
                "Your data is erased: the prompt, result and links of {n} command, and your settings.",
                "Your data is erased: the prompts, results and links of {n} commands, and your settings.",
                count,
            )
        ]
        if under_way:
            parts.append(
                self._count(
                    "{n} command is still under way and is erased within an hour of its end.",
                    "{n} commands are still under way and are erased within an hour of their end.",
                    under_way,
                )
            )
        return self._joined(*parts)

    def data_not_read(self) -> Sentence:
        return (
            self._text("The bot's database does not answer right now. Nothing was changed; please try again later."),
        )

    def data_in_doubt(self) -> Sentence:
        return (
            self._text(
                "The bot's database does not answer right now, and it is not certain whether everything is erased."
                " Please try again later: erasing twice does no harm."
            ),
        )
