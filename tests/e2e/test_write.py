"""A trip through Write: words stream in side by side, land on the disk, and go on to Image."""

from pathlib import Path

import pytest

from tests.e2e.driving import Hands, made

pytestmark = pytest.mark.timeout(300)


def test_words_stream_into_the_cards_are_saved_and_go_on_to_image(hands: Hands, place: Path) -> None:
    room = hands.enter("write")
    hands.type(room.prompt.edit, "A red balloon over")
    hands.number(room.form, "variants", 2)
    run = hands.make(room.prompt.edit)
    first, second = room.conversation.variants
    cards: list[tuple[int, str]] = []
    run.words.connect(lambda _, index: cards.append((index, room.conversation.variants[index].text())))
    hands.finish(run)

    assert len(cards) > len(room.conversation.variants), "the words came all at once"
    for index, variant in enumerate(room.conversation.variants):
        whole, parts = variant.text().strip(), [text.strip() for number, text in cards if number == index]
        assert all(whole.startswith(part) for part in parts)
        assert parts == sorted(parts, key=len)
    files = made(place, ".md")
    assert len(files) == 2
    saved = [file.read_text(encoding="utf-8") for file in files]
    for variant in (first, second):
        assert variant.text().strip()
        assert any(variant.text().strip() in words for words in saved)
    assert all(words.startswith("---\n") for words in saved)

    text = " ".join(first.text().split())
    hands.click(first.send)
    assert hands.window.room == "image"
    assert hands.window.panel().prompt.text() == text


@pytest.mark.parametrize(("mode", "asked"), [("draft", "A lighthouse keeper"), ("chat", "a scene about a lighthouse")])
def test_every_text_that_ended_is_gone_on_from(hands: Hands, mode: str, asked: str) -> None:
    room = hands.enter("write")
    hands.click(room.mode.button(mode))
    hands.type(room.prompt.edit, asked)
    hands.number(room.form, "variants", 4)
    hands.finish(hands.make(room.prompt.edit))
    texts = [variant.text() for variant in room.conversation.variants]
    for variant, text in zip(list(room.conversation.variants), texts, strict=True):
        hands.click(variant.go_on)
        run = hands.newest()
        hands.finish(run)
        assert variant.text().startswith(text)
        assert variant.text()[len(text) :].strip()
    assert hands.studio.tracker.unfinished == 0
