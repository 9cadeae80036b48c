"""Prints what the kiosk reaches, each figure beside its target or the baseline of the same run.

``make figures``; ``ARGS="--sessions 1000"`` adds the long look at memory. Nothing else should run on the machine.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path

from firmware_cfg.load import load_profile
from kiosk.bench.search import catalogue as made
from kiosk.scenes import shipped_catalogue
from kiosk.site import site_of
from kiosk.voice.measure import FIRST_WORD_MS, STOP_MS, measure_speech
from tests.figures import memory, speed, touches

PROFILES = ("demo", "outlet-7in")
STARTS = 5
WARM = 50
"""Sessions after which every screen has been made."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.figures", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="rounds of ten touches on each panel")
    parser.add_argument("--sessions", type=int, default=0, help="citizens one after the other, for the memory")
    chosen = parser.parse_args()
    say("what", "panel", "figure", "target")
    for profile in PROFILES:
        _touches(profile)
    _speech()
    with tempfile.TemporaryDirectory(prefix="figures-") as folder:
        var = Path(folder)
        for profile in PROFILES:
            _speed(profile, chosen.rounds, var)
        if chosen.sessions:
            _memory(chosen.sessions, var)


def say(*cells: str) -> None:
    print(
        "  ".join(cell.ljust(width) for cell, width in zip(cells, (46, 11, 38, 20), strict=True)).rstrip(), flush=True
    )


def _touches(profile: str) -> None:
    site = site_of(load_profile(profile))
    top = 4 if site.compact else 6
    shipped = shipped_catalogue()
    hot = touches.hot(site, shipped)
    say(
        f"touches, a walk-in of the top {len(hot)}", profile, f"{max(x.touches for x in hot.values())}", f"3, top {top}"
    )
    say("touches, booked, card down", profile, f"{touches.booked(site, shipped)}", "0")
    for catalogue in (shipped, made(1000)):
        finger = touches.Finger(site, catalogue)
        found = [finger.searched(matter) for matter in catalogue.matters]
        spread = Counter(x.touches for x in found)
        letters = sorted(x.letters for x in found)
        say(
            f"touches, any of {len(found)} matters",
            profile,
            ", ".join(f"{count} in {many}" for many, count in sorted(spread.items())),
            "5 and letters",
        )
        say(
            f"letters beside them, of {len(found)} matters",
            profile,
            f"{sum(letters) / len(letters):.1f}, p95 {letters[len(letters) * 95 // 100]}, at most {letters[-1]}",
            "",
        )


def _speech() -> None:
    voice = measure_speech()
    begun, stopped = (voice.first_word_p50_ms, voice.first_word_p95_ms), (voice.stop_p50_ms, voice.stop_p95_ms)
    say("voice, first word, p50 / p95", "any", f"{begun[0]:.0f} / {begun[1]:.0f} ms", f"{FIRST_WORD_MS:.0f} ms")
    say("voice, silent, p50 / p95", "any", f"{stopped[0]:.1f} / {stopped[1]:.1f} ms + inbox 50", f"{STOP_MS:.0f} ms")


def _speed(profile: str, rounds: int, var: Path) -> None:
    bare_start, bare = speed.bare_button(profile, 30, var / profile / "bare")
    times = speed.touches(profile, rounds, var / profile / "touches")
    for what, of, target in (("touch to visible reaction", "seen", 100), ("touch to next screen", "next", 300)):
        mine, theirs = getattr(times, of), getattr(bare, of)
        p50, p95 = speed.percentile(mine, 0.5), speed.percentile(mine, 0.95)
        ratio = p95 / speed.percentile(theirs, 0.95)
        say(
            f"{what}, p50 / p95 of {len(mine)}", profile, f"{p50:.0f} / {p95:.0f} ms, {ratio:.1f}x a bare button",
            f"p95 {target} ms",
        )  # fmt: skip
    starts = [speed.cold_start(profile, var / profile / f"start-{n}") for n in range(STARTS)]
    middle = speed.median(starts)
    say(
        f"cold start to first page, median of {len(starts)}",
        profile,
        f"{middle / 1000:.2f} s, {middle / bare_start:.1f}x an empty window",
        "3 s",
    )


def _memory(sessions: int, var: Path) -> None:
    first = last = 0.0
    for session, mib in memory.weights(sessions, WARM, var / "memory"):
        first, last = first or mib, mib
        say(f"memory after {session} citizens", "demo", f"{mib:.1f} MiB", "")
    say("growth of memory", "demo", f"{(last / first - 1) * 100:+.1f} %", "5 %")


if __name__ == "__main__":
    main()
