"""Topics are built and parsed in one place, and nothing foreign gets through."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_server.wire import topics

ids = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)


@given(ids, ids)
def test_a_request_topic_comes_back_as_hall_and_device(hall: str, device: str) -> None:
    assert topics.parse(topics.request(hall, device)) == topics.HallRequest(hall, device)


@given(ids, ids, st.sampled_from(["birth", "hb", "ack", "log"]))
def test_a_sites_up_topic_comes_back_as_a_note(site: str, device: str, what: topics.SiteUp) -> None:
    assert topics.parse(topics.site_up(site, device, what)) == topics.SiteNote(site, device, what)
    assert topics.parse(topics.state(site, device)) == topics.SiteNote(site, device, "state")


@given(st.text(max_size=80))
def test_anything_else_is_a_bad_topic_and_nothing_worse(text: str) -> None:
    try:
        note = topics.parse(text)
    except topics.BadTopic:
        return
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", note.device)


@pytest.mark.parametrize("bad", ["", "+", "#", "a/b", "a b", "窗", "a\n", "x" * 65, "%u", "\0"])
def test_an_id_that_could_move_in_the_tree_is_refused(bad: str) -> None:
    with pytest.raises(topics.BadTopic):
        topics.checked(bad)
    with pytest.raises(topics.BadTopic):
        topics.request("hall", bad)
    with pytest.raises(topics.BadTopic):
        topics.hall_requests(bad)


def test_a_request_under_a_foreign_shard_is_refused() -> None:
    mine = topics.shard("hall-a")
    other = f"{(int(mine) + 1) % topics.SHARDS:02d}"
    with pytest.raises(topics.BadTopic):
        topics.parse(topics.request("hall-a", "kiosk").replace(f"/{mine}/", f"/{other}/"))


def test_the_shard_of_a_hall_never_changes() -> None:
    assert topics.shard("xinghe-hall") == "09"


def allowed(device: str, what: str, topic: str) -> bool:
    """The broker's rule: a pattern with the user's name in place, ``+`` for one level."""
    for access, pattern in topics.DEVICE_ACCESS:
        wanted = pattern.replace("%u", device).split("/")
        levels = topic.split("/")
        if (
            access == what
            and len(wanted) == len(levels)
            and all(w in ("+", x) for w, x in zip(wanted, levels, strict=True))
        ):
            return True
    return False


def test_a_terminal_reaches_its_own_topics_and_no_others() -> None:
    assert allowed("k1", "write", topics.request("hall", "k1"))
    assert allowed("k1", "read", topics.response("hall", "k1"))
    assert allowed("k1", "write", topics.state("site", "k1")), "the will goes there"
    assert all(allowed("k1", "write", topics.site_up("site", "k1", w)) for w in ("birth", "hb", "ack", "log"))
    assert all(allowed("k1", "read", topics.site_down("site", "k1", w)) for w in ("cmd", "cfg", "cat", "blk", "near"))
    assert allowed("k1", "read", topics.public("hall", "calls"))
    assert not allowed("k1", "write", topics.public("hall", "calls"))
    assert not allowed("k1", "write", topics.request("hall", "k2"))
    assert not allowed("k1", "read", topics.response("hall", "k2"))
    assert not allowed("k1", "write", topics.response("hall", "k1"))
    assert not allowed("k1", "write", topics.state("site", "k2"))
    assert not allowed("k1", "read", topics.site_up("site", "k2", "birth"))
