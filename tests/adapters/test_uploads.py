"""Pictures as files: safe names, and re-encoded to fit."""

import io
import re
from typing import Literal

import pytest
from deliveries import delivery, generation, png
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from adapters.uploads import Upload, fitted, smaller, uploads
from bot.errors import PictureTooLarge
from bot.model import MAX_SEED

Kind = Literal["WEBP", "JPEG"]
NOISE = png(200, 120)


def upload(data: bytes = NOISE, *, n: int = 0) -> Upload:
    return Upload(n=n, filename=f"a-red-fox-{n}.png", data=data, alt_text="a red fox")


def opened(file: Upload) -> Image.Image:
    return Image.open(io.BytesIO(file.data))


@given(prompt=st.text(min_size=1, max_size=800), seed=st.integers(0, MAX_SEED))
@example(prompt="../../etc/passwd\x00", seed=7)
@example(prompt="红狐狸", seed=0)
@example(prompt="SPOILER_" + "x" * 800, seed=MAX_SEED)
@example(prompt="CON", seed=1)
def test_a_file_is_named_in_safe_ascii_whatever_the_prompt(prompt: str, seed: int) -> None:
    """Letters, digits and dashes; short; never hidden, never a path, never a spoiler."""
    [file] = uploads(delivery(generation(prompt, seed=seed)))
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*\.png", file.filename)
    assert file.filename.endswith(f"-{seed}.png")
    assert len(file.filename) <= 64
    assert file.alt_text


def test_a_name_is_made_of_the_first_words_without_accents() -> None:
    """So that it can be found again among downloads."""
    [file] = uploads(delivery(generation("Ein Füchs, schön & rot", seed=7)))
    assert file.filename == "ein-fuchs-schon-rot-7.png"
    assert file.alt_text == "Ein Füchs, schön & rot"


def test_pictures_of_one_message_have_names_of_their_own() -> None:
    """Also where the seeds begin again at zero."""
    names = [file.filename for file in uploads(delivery(generation(count=4, seed=MAX_SEED - 1)))]
    assert len(set(names)) == 4
    assert names[2] == "a-red-fox-0.png"


async def test_a_file_that_fits_is_left_alone() -> None:
    """Not even read."""
    file = upload(b"anything")
    assert await fitted([file], max_bytes=8, kind="WEBP") == ([file], False)


@pytest.mark.parametrize(("kind", "suffix"), [("WEBP", "webp"), ("JPEG", "jpg")])
async def test_a_file_that_does_not_fit_keeps_its_measures_where_it_can(kind: Kind, suffix: str) -> None:
    """Quality goes first; name, type and number follow."""
    [file], shrunk = await fitted([upload(n=3)], max_bytes=len(NOISE) // 2, kind=kind)
    assert shrunk
    assert len(file.data) <= len(NOISE) // 2
    assert opened(file).size == (200, 120)
    assert opened(file).format == kind
    assert (file.n, file.filename, file.alt_text) == (3, f"a-red-fox-3.{suffix}", "a red fox")


async def test_measures_go_where_quality_is_not_enough() -> None:
    """In the same shape."""
    [file], _ = await fitted([upload()], max_bytes=3000, kind="JPEG")
    picture = opened(file)
    assert len(file.data) <= 3000
    assert picture.width < 200
    assert picture.width / picture.height == pytest.approx(200 / 120, rel=0.05)


async def test_only_what_does_not_fit_is_encoded_anew() -> None:
    """Of several files the small ones stay as they were drawn."""
    small, large = upload(png(4, 4)), upload(n=1)
    files, shrunk = await fitted([small, large], max_bytes=10_000, kind="WEBP")
    assert files[0] is small
    assert files[1].filename == "a-red-fox-1.webp"
    assert shrunk


async def test_what_fits_nowhere_is_too_large() -> None:
    """No encoding makes a picture of ten bytes."""
    with pytest.raises(PictureTooLarge):
        await fitted([upload()], max_bytes=10, kind="WEBP")


@pytest.mark.parametrize("kind", ["WEBP", "JPEG"])
async def test_smaller_is_well_below_what_was_refused(kind: Kind) -> None:
    """At most half of the largest, so that the next try is not refused for the same reason."""
    files = await smaller([upload(), upload(png(4, 4), n=1)], kind=kind)
    assert max(len(file.data) for file in files) <= len(NOISE) // 2


async def test_smaller_ends_below_what_every_place_takes() -> None:
    """Half of a very large picture may still be more than 10 MiB, which no place promises."""
    padded = [upload(png(64, 64) + bytes(size * 2**20)) for size in (40, 12)]
    assert all(len(file.data) < 10 * 2**20 for file in await smaller(padded, kind="WEBP"))


async def test_a_transparent_picture_can_be_encoded() -> None:
    """JPEG knows no transparency."""
    out = io.BytesIO()
    Image.open(io.BytesIO(NOISE)).convert("RGBA").save(out, "PNG")
    [file], _ = await fitted([upload(out.getvalue())], max_bytes=20_000, kind="JPEG")
    assert opened(file).mode == "RGB"
