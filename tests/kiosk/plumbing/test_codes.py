"""One showing of a code counts once, whichever of scanner and camera sees it first."""

from __future__ import annotations

from kiosk.codes import OTHER_EYE_S, OneShowing


def test_a_code_that_both_see_counts_once() -> None:
    codes = OneShowing()
    assert codes.news("scanner", "20471234", 10.0)
    assert not codes.news("camera", "20471234", 11.0)
    assert codes.news("camera", "20471234", 10.0 + OTHER_EYE_S), "shown again later, it is meant again"


def test_the_same_device_is_believed_it_has_a_sieve_of_its_own() -> None:
    codes = OneShowing()
    assert codes.news("camera", "20471234", 10.0)
    assert codes.news("camera", "20471234", 13.0)
    assert not codes.news("scanner", "20471234", 14.0)


def test_another_code_is_news_at_once() -> None:
    codes = OneShowing()
    assert codes.news("scanner", "20471234", 10.0)
    assert codes.news("camera", "99887766", 10.1)
    assert codes.news("scanner", "20471234", 10.2), "in between another was shown"


def test_what_was_seen_is_not_kept_in_words() -> None:
    codes = OneShowing()
    codes.news("scanner", "20471234", 10.0)
    assert not any("20471234" in repr(getattr(codes, name)) for name in vars(codes))
