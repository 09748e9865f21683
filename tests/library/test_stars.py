"""Stars: an index that is lost is rebuilt with them."""

from collections.abc import Iterator

import pytest

from studio.library.index import Query
from studio.library.library import Library
from tests.library import things


@pytest.fixture
def library() -> Iterator[Library]:
    opened = things.library()
    opened.rebuild()
    yield opened
    opened.close()


def without_index(library: Library) -> Library:
    """The library opened again after its index was lost, and filled from the files."""
    library.close()
    for part in library.paths.data.glob("library.sqlite*"):
        part.unlink()
    again = things.library()
    again.rebuild()
    return again


def test_stars_outlive_the_index(library: Library) -> None:
    first, second, third = (library.keep(things.image_job(word), things.pixels(), "m") for word in "abc")
    library.star([first.id, second.id, third.id], True)
    library.star([second.id], False)
    again = without_index(library)
    assert {item.id for item in again.search(Query(starred=True))} == {first.id, third.id}
    assert {item.id for item in again.search(Query())} == {first.id, second.id, third.id}
    again.close()


def test_a_star_given_while_the_index_is_still_being_filled_takes_no_other_away(library: Library) -> None:
    first, second = (library.keep(things.image_job(word), things.pixels(), "m") for word in "ab")
    library.star([first.id], True)
    library.index.remove(first.id)
    library.star([second.id], True)
    again = without_index(library)
    assert again.count(Query(starred=True)) == 2
    again.close()


def test_stars_of_an_index_that_had_no_list_are_in_it_from_the_first_change_on(library: Library) -> None:
    first, second = (library.keep(things.image_job(word), things.pixels(), "m") for word in "ab")
    library.index.star(first.id, True)
    library.star([second.id], True)
    again = without_index(library)
    assert again.count(Query(starred=True)) == 2
    again.close()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"starred": 5}', b'{"starred": [[], 5]}', b"\xff" * 99])
def test_a_broken_list_of_stars_costs_the_stars_only(library: Library, content: bytes) -> None:
    item = library.keep(things.image_job(), things.pixels(), "m")
    (library.paths.pictures / ".stars.json").write_bytes(content)
    again = without_index(library)
    assert [(found.id, found.starred) for found in again.search(Query())] == [(item.id, False)]
    again.star([item.id], True)
    last = without_index(again)
    assert last.count(Query(starred=True)) == 1
    last.close()


def test_a_disk_that_takes_no_list_still_takes_the_star(library: Library, caplog: pytest.LogCaptureFixture) -> None:
    item = library.keep(things.image_job(), things.pixels(), "m")
    (library.paths.pictures / ".stars.json").mkdir()
    library.star([item.id], True)
    assert library.count(Query(starred=True)) == 1
    assert "list of stars" in caplog.text
