"""What stands on buttons and in forms, and what pressing them is answered with."""

from collections.abc import Mapping

from adapters.locales.messages import Messages
from adapters.sentences import Sentence, Span
from bot.model import Action, Outlook
from bot.sizes import Tier

_MINUTE_MS = 60_000


class ActionWords(Messages):
    """Buttons under results, forms, waiting, several prompts at once."""

    # Buttons: labels without a picture, so that they say the same to everybody.

    def again(self) -> str:
        return self._text("Again")

    def edit(self) -> str:
        return self._text("Edit")

    def larger(self, n: int | None) -> str:
        """`n` is the picture, from 1, where there are several."""
        return self._text("Larger") if n is None else self._text("Larger {n}", n=n)

    def delete(self) -> str:
        return self._text("Delete")

    def share(self) -> str:
        return self._text("Share")

    def cancel(self) -> str:
        return self._text("Cancel")

    def how_long(self) -> str:
        return self._text("How long?")

    def draw(self) -> str:
        return self._text("Draw")

    def discard(self) -> str:
        return self._text("Discard")

    # Forms.

    def form_title(self) -> str:
        return self._text("Draw a picture")

    def edit_title(self) -> str:
        return self._text("Edit and draw")

    def form_prompt(self) -> str:
        return self._text("Prompt")

    def form_aspect(self) -> str:
        return self._text("Aspect ratio")

    def form_size(self) -> str:
        return self._text("Size")

    def form_images(self) -> str:
        return self._text("Pictures")

    def form_options(self) -> str:
        return self._text("More options")

    def form_seed(self) -> str:
        return self._text("Seed")

    def form_extend(self) -> str:
        return self._text("Let the model enrich the prompt")

    def form_private(self) -> str:
        return self._text("For your eyes only")

    def form_place(self) -> str:
        return self._text("Where to post it")

    def form_place_hint(self) -> str:
        return self._text("Leave it empty to have the picture as a direct message.")

    def form_close(self) -> str:
        return self._text("Close")

    def form_late(self) -> Sentence:
        return (self._text("The form could not be opened in time. Nothing was charged; please try again."),)

    def imagine_this(self) -> str:
        return self._text("Imagine this")

    # Waiting.

    def outlook(self, outlook: Outlook) -> str:
        """Where a command stands; empty where nothing is known and nobody is in front."""
        time = None if outlook.ready_ms is None else self.about(outlook.ready_ms)
        if outlook.ahead == 0:
            return "" if time is None else self._text("About {time}.", time=time)
        if time is None:
            return self._count("{n} command is ahead of yours.", "{n} commands are ahead of yours.", outlook.ahead)
        return self._count(
            "{n} command is ahead of yours; about {time}.",
            "{n} commands are ahead of yours; about {time}.",
            outlook.ahead,
            time=time,
        )

    def about(self, ms: int) -> str:
        """A length of time as it is worth telling: to five seconds from ten on, to the minute from two minutes on."""
        if ms >= 2 * _MINUTE_MS:
            return self._text("{minutes} min", minutes=round(ms / _MINUTE_MS))
        seconds = max(1, round(ms / 1000))
        return self._text("{seconds} s", seconds=seconds if seconds < 10 else 5 * round(seconds / 5))  # noqa: PLR2004

    def waiting(self, outlook: Outlook) -> Sentence:
        return (self._text("Waiting … {outlook}", outlook=self.outlook(outlook)).strip(),)

    def drawing_now(self) -> Sentence:
        return (self._text("Drawing …"),)

    def cancelled(self, *, back: str) -> Sentence:
        return (self._text("Cancelled, and nothing was drawn. {back}", back=back).strip(),)

    def too_late(self) -> Sentence:
        return (self._text("Too late to cancel: the picture is being drawn, or is there already."),)

    def finished(self) -> Sentence:
        return (self._text("This command has finished: there is nothing to wait for any more."),)

    # What a button is answered with where it cannot do what it says.

    def gone(self) -> Sentence:
        return (self._text("That picture is not on record any more, so nothing was done and nothing was charged."),)

    def not_yours(self) -> Sentence:
        return (
            self._text(
                "Only whoever asked for a picture can use its buttons. Nothing was charged; "
                "type /imagine for one of your own."
            ),
        )

    def other_place(self) -> Sentence:
        return (
            self._text("That picture belongs to another place. Nothing was charged; please use its buttons there."),
        )

    def under_way(self) -> Sentence:
        return (self._text("That is being drawn already. Nothing was charged for pressing twice."),)

    def largest(self) -> Sentence:
        return (self._text("There is no larger size for this picture. Nothing was charged."),)

    def outdated(self) -> Sentence:
        return (
            self._text("This button is from an older version of the bot. Nothing was done and nothing was charged."),
        )

    def deleted(self) -> Sentence:
        return (self._text("Deleted. What was drawn stays paid."),)

    def not_deleted(self) -> Sentence:
        return (self._text("The message could not be deleted here. Nothing was changed."),)

    def not_private(self) -> Sentence:
        return (self._text("This picture is for everybody already. Nothing was changed."),)

    def shared_already(self) -> Sentence:
        return (self._text("You have shared this picture already. Nothing was posted again."),)

    def shared_by(self, person: Span) -> Sentence:
        return self._sentence("Shared by {person}", person=person)

    def shared_there(self) -> Sentence:
        return (self._text("Shared with everybody in the channel where you asked for it."),)

    def not_shared(self) -> Sentence:
        return (self._text("The picture could not be shared. Nothing was changed."),)

    def may_not_be_shared(self) -> Sentence:
        return (
            self._text(
                "The rules of the place where you asked for this picture do not let it be shown there now. "
                "Nothing was posted; an admin of that place can change them."
            ),
        )

    # The parent.

    def made_of(self, action: Action, parent: Span) -> Sentence:
        """`parent` is its prompt, as a link where its message can be opened."""
        match action:
            case Action.AGAIN:
                return self._sentence("Again of {parent}", parent=parent)
            case Action.EDIT:
                return self._sentence("Edited from {parent}", parent=parent)
            case Action.LARGER:
                return self._sentence("Larger of {parent}", parent=parent)

    def quoted(self, text: str) -> str:
        return self._text("“{text}”", text=text)

    # Several prompts at once.

    def confirm(self, *, pictures: int, price: str, left: str | None) -> str:
        start = self._count(
            "This is {n} picture for {price}", "These are {n} pictures for {price}", pictures, price=price
        )
        if left is None:
            return self._text("{start}. Draw them?", start=start)
        return self._text("{start}; {left}. Draw them?", start=start, left=left)

    def confirmed(self) -> Sentence:
        return (
            self._text(
                "You have said yes to that before. Nothing was charged for pressing again; "
                "type /imagine to have it drawn once more."
            ),
        )

    def discarded(self) -> Sentence:
        return (self._text("Discarded. Nothing was drawn and nothing was charged."),)

    def too_many_pictures(self, *, count: int, most: int) -> Sentence:
        return (
            self._text(
                "The braces and --n ask for {count} pictures; at most {most} can be drawn at once. "
                "Nothing was charged; please take some alternatives out.",
                count=count,
                most=most,
            ),
        )

    # Settings.

    def tier(self, tier: Tier) -> str:
        """What a size is called where it is picked from a list."""
        return {
            Tier.SMALL: self._text("small"),
            Tier.MEDIUM: self._text("medium"),
            Tier.LARGE: self._text("large"),
        }[tier]

    # History.

    def about_history(self) -> str:
        return self._text("Look back at your pictures here, and use them again")

    def about_page(self) -> str:
        return self._text("Which page, from 1; the newest pictures come first")

    def history_empty(self) -> Sentence:
        return (self._text("You have no pictures here yet. Type /imagine and describe one."),)

    def history_title(self, *, page: int) -> str:
        return self._text("Your pictures, page {page}", page=page)

    def history_entry(self, *, size: str, seed: int, credits: str) -> str:
        return self._text("{size}, seed {seed}, {credits}", size=size, seed=seed, credits=credits)

    def numbered(self, label: str, n: int) -> str:
        """A label that says which entry of a list it belongs to."""
        return self._text("{label} {n}", label=label, n=n)

    def open(self) -> str:
        return self._text("Open")

    def older(self) -> str:
        return self._text("Older")

    def newer(self) -> str:
        return self._text("Newer")

    # Settings.

    def about_settings(self) -> str:
        return self._text("What is drawn where you do not say otherwise")

    def about_own_settings(self) -> str:
        return self._text("See and change your own settings")

    def about_channel_settings(self) -> str:
        return self._text("For admins: pictures and defaults in this channel")

    def about_server_settings(self) -> str:
        return self._text("For admins: what applies in the whole server")

    @property
    def settings_options(self) -> Mapping[str, str]:
        """What Discord shows beside each option of `/imagine-settings`."""
        return {
            "pictures": self._text("Whether pictures are drawn at all"),
            "aspect": self._text("The shape of pictures"),
            "size": self._text("How large pictures are"),
            "images": self._text("How many pictures a command draws"),
            "extend": self._text("Whether the model enriches prompts"),
            "private": self._text("Whether only the person sees their picture"),
            "spoilers": self._text("Whether pictures are hidden until they are pressed"),
            "restricted": self._text("Whether pictures are drawn only in age-restricted channels"),
            "words": self._text("Words that no prompt may contain, separated by commas; off removes the list"),
            "log": self._text("A channel that gets each picture, with who asked and the prompt"),
            "stop-log": self._text("Stop sending each picture to a channel"),
        }

    def setting_name(self, name: str) -> str:
        """What a personal setting is called above a menu."""
        return {
            "aspect": self.form_aspect(),
            "size": self.form_size(),
            "images": self.form_images(),
            "extend": self.form_extend(),
            "private": self.form_private(),
        }[name]

    def setting_choice(self, *, setting: str, value: str) -> str:
        """An entry of a menu that has no label of its own once something is picked."""
        return self._text("{name}: {value}", name=setting, value=value)

    def setting_default(self) -> str:
        return self._text("default")

    def switched_on(self) -> str:
        return self._text("on")

    def switched_off(self) -> str:
        return self._text("off")
