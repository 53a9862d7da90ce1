"""Which preview is looked at, while new ones come and old ones are thinned away."""

from hypothesis import given
from hypothesis import strategies as st

from gantui.tui.timeline import Timeline
from gantui.tui.view import Preview


def _previews(*xs: float) -> list[Preview]:
    return [Preview(f"previews/{x:g}.npz", "", int(x), int(2 * x), 0, x) for x in xs]


def _timeline(*xs: float) -> Timeline:
    timeline = Timeline()
    timeline.take(_previews(*xs), None)
    return timeline


def _x(timeline: Timeline) -> float | None:
    return timeline.now.x if timeline.now else None


def test_it_follows_the_newest_until_one_goes_back_and_again_from_the_newest_on() -> None:
    timeline = _timeline(1, 2, 3)
    assert _x(timeline) == 3
    timeline.take(_previews(1, 2, 3, 4), None)
    assert _x(timeline) == 4
    timeline.move(-1)
    timeline.take(_previews(1, 2, 3, 4, 5), None)
    assert (_x(timeline), timeline.following) == (3, False)
    timeline.move(100)
    timeline.take(_previews(1, 2, 3, 4, 5, 6), None)
    assert (_x(timeline), timeline.following) == (6, True)


def test_files_that_are_gone_are_not_in_it_and_the_nearest_takes_their_place() -> None:
    timeline = _timeline(1, 5, 6, 20)
    timeline.move(-1)
    kept = {preview.file for preview in _previews(1, 5, 20)}
    timeline.take(_previews(1, 5, 6, 20), kept)
    assert [preview.x for preview in timeline.previews] == [1, 5, 20]
    assert _x(timeline) == 5


def test_a_file_that_was_written_twice_is_in_it_once() -> None:
    assert len(_timeline(1, 2, 2).previews) == 2


def test_no_previews_are_nothing_to_look_at() -> None:
    timeline = _timeline()
    timeline.move(-3)
    timeline.move_to(7.0)
    assert timeline.now is None


@given(st.lists(st.integers(0, 1000), min_size=1, unique=True), st.floats(-10, 1010), st.integers(-20, 20))
def test_one_is_always_at_one_of_them_and_a_place_means_the_nearest(xs: list[int], x: float, count: int) -> None:
    timeline = _timeline(*map(float, sorted(xs)))
    timeline.move_to(x)
    assert timeline.now is not None
    assert abs(timeline.now.x - x) == min(abs(other - x) for other in xs)
    timeline.move(count)
    assert timeline.now in timeline.previews
    assert timeline.following == (timeline.now is timeline.previews[-1])
