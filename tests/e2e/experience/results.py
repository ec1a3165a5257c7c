"""Point 1: the buttons under every result."""

from e2e.experience.acts import ME, Play, ask, called, command, fill, no_button, press, then
from e2e.experience.row import FOX, UNDER, Experience

from sandbox.stage import SlackStage


def _links_to_its_parent(play: Play) -> None:
    """Which is still there, beside it."""
    parent, made = play.seen
    assert play.address(0) in made.text
    assert parent.at != made.at


def _is_the_same_picture(play: Play) -> None:
    """With the name of whoever shares it."""
    private, shared = play.seen
    assert (shared.pictures, shared.alt_texts) == (private.pictures, private.alt_texts)
    assert play.id_of("me") in shared.text
    on_slack = isinstance(play.stage, SlackStage)
    # Slack knows no mention of somebody that is silent where they are a member.
    assert shared.pings == ([play.id_of("me")] if on_slack else [])
    assert set(shared.buttons) == UNDER


SHARED = (
    ask(f"{FOX} --private", private=True, buttons=UNDER | {"Share"}),
    press("Share", "hared by", pictures=1, private=False, place="#general"),
)

RESULTS = [
    Experience(
        name="again, with another seed and a word of where it came from",
        point=1,
        acts=(
            ask(FOX, "seed 7", "19 credits left", buttons=UNDER),
            press("Again", "Again of", "a red fox", "18 credits left", pictures=1, buttons=UNDER),
            then(_links_to_its_parent),
            called(lambda call: call.prompt == "a red fox" and call.seed != 7),
        ),
        charged=2,
    ),
    Experience(
        name="edit, in a form that holds what was asked for",
        point=1,
        acts=(
            ask(f"{FOX} --ar 16:9"),
            press("Edit", opens=("a red fox", "16:9", "7")),
            fill({"Prompt": "a blue fox"}, "Edited from", "1280×720", "seed 7", pictures=1, buttons=UNDER),
            called(lambda call: call.prompt == "a blue fox" and not call.extend),
        ),
        charged=2,
    ),
    Experience(
        name="edit its options too",
        point=1,
        acts=(
            ask(FOX),
            press("Edit", opens=("a red fox",)),
            fill({"Pictures": "2", "More options": "--raw --seed 9"}, "seeds 9, 10", "17 credits left", pictures=2),
        ),
        charged=3,
    ),
    Experience(
        name="larger, with the same seed, until there is nothing larger",
        point=1,
        acts=(
            ask(f"{FOX} --size medium"),
            press("Larger", "Larger of", "1536×1536", "seed 7", pictures=1, buttons=UNDER - {"Larger"}),
            called(lambda call: (call.size, call.seed) == ("1536*1536", 7)),
        ),
        charged=2,
    ),
    Experience(
        name="larger, one of several",
        point=1,
        acts=(
            ask(f"{FOX} --n 2", pictures=2, buttons=UNDER - {"Larger"} | {"Larger 1", "Larger 2"}),
            press("Larger 2", "Larger of", "seed 8", pictures=1),
        ),
        charged=3,
    ),
    Experience(
        name="delete",
        point=1,
        acts=(
            ask(FOX),
            press("Delete", "Deleted", private=True, gone=True),
            command("imagine-history", "no pictures here yet"),
        ),
        charged=1,
    ),
    Experience(
        name="delete a private picture",
        point=1,
        acts=(ask(f"{FOX} --private", private=True), press("Delete", "Deleted", private=True, gone=True)),
        charged=1,
    ),
    Experience(
        name="a moderator deletes",
        point=1,
        acts=(
            ask(FOX),
            press("Delete", "Deleted", who="admin", private=True, gone=True),
            command("imagine-history", "no pictures here yet"),
        ),
        charged=1,
    ),
    Experience(
        name="a private picture is shared",
        point=1,
        acts=(
            *SHARED,
            then(_is_the_same_picture),
            command("imagine-history", "a red fox", private=True),
            press("Again", "Again of", pictures=1, private=True, on=1),
        ),
        charged=2,
    ),
    Experience(
        name="a shared picture is deleted, and what was drawn stays",
        point=1,
        acts=(
            *SHARED,
            press("Delete", "Deleted", private=True, on=1, gone=True),
            command("imagine-history", "a red fox", private=True),
            press("Again", "Again of", pictures=1, private=True, on=0),
        ),
        charged=2,
    ),
    *(
        Experience(
            name=f"a shared picture is deleted after its original, by {who}",
            point=1,
            acts=(
                *SHARED,
                press("Delete", "Deleted", private=True, on=0, gone=True),
                press("Delete", "Deleted", who=who, private=True, on=1, gone=True),
            ),
            charged=1,
        )
        for who in (ME, "admin")
    ),
    Experience(
        name="shared once, so that the button is gone",
        point=1,
        only="discord",
        acts=(*SHARED, no_button("Share", on=0)),
        charged=1,
    ),
    Experience(
        name="shared once, and told so when it is pressed again",
        point=1,
        only="slack",
        acts=(*SHARED, press("Share", "shared this picture already", private=True, on=0)),
        charged=1,
    ),
    Experience(
        name="what the credits do not suffice for",
        point=1,
        settings={"quota_credits": 1},
        acts=(
            ask(FOX),
            *(
                press(label, "would cost 1 credit", "Nothing was charged", private=True)
                for label in ("Again", "Larger")
            ),
            press("Edit", opens=("a red fox",)),
            fill({"Prompt": "a blue fox"}, "would cost 1 credit", "Nothing was charged", private=True),
        ),
        charged=1,
    ),
    Experience(
        name="more in a form than the credits suffice for",
        point=1,
        settings={"quota_credits": 2},
        acts=(
            ask(FOX),
            press("Edit", opens=("a red fox",)),
            fill({"Pictures": "2"}, "would cost 2 credits", "Nothing was charged", private=True),
        ),
        charged=1,
    ),
]
