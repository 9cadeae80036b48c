"""``python -m kiosk``: run a terminal, prepare its fonts, photograph or examine its screens, make its voice."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from firmware_cfg.load import load_profile
from firmware_cfg.profile import BadProfile, Profile
from kiosk.fonts import ALL, NoChineseFont, fonts_folder, prepare_fonts
from kiosk.forgetful import start_forgetful


def main() -> int:
    arguments = _parser().parse_args()
    try:
        if arguments.command == "fonts":
            fonts = prepare_fonts(arguments.out, faces=ALL)
            print(fonts.regular, fonts.bold, *(path for pair in fonts.others.values() for path in pair), sep="\n")
            return 0
        if arguments.command == "voice-bench":
            from kiosk.voice.measure import measure_speech  # noqa: PLC0415  (no terminal needs it)

            print(*measure_speech(arguments.rounds).lines(), sep="\n")
            return 0
        if arguments.command == "voice-pack":
            from kiosk.voice.make_pack import make_pack  # noqa: PLC0415

            count = make_pack(arguments.out, arguments.lang, by_machine=arguments.by_machine)
            print(f"{count} phrases with a recording in {arguments.out}; what is to be read stands in script.txt")
            return 0
        profile = load_profile(arguments.profile, arguments.set or [])
        if arguments.command == "gallery":
            return _gallery(profile, arguments)
        if arguments.command == "examine":
            return _examine(profile, arguments)
        start_forgetful()
        from kiosk.app import run_kiosk  # noqa: PLC0415  (imports the workers)

        return run_kiosk(profile)
    except (BadProfile, NoChineseFont) as error:
        print(error, file=sys.stderr)
        return 2


def _gallery(profile: Profile, arguments: argparse.Namespace) -> int:
    from kiosk import gallery, gallery_page  # noqa: PLC0415  (a kiosk that runs needs neither)

    if arguments.all:
        command = [sys.executable, "-m", "kiosk", "gallery", "--out", str(arguments.out), "--only", arguments.only]
        # Each has a window of its own size, and a process has one.
        runs = [subprocess.Popen([*command, "--profile", panel]) for panel in gallery.PANELS]
        ended = [run.wait() for run in runs]
        if any(ended):
            return 1
    else:
        made = gallery.make_gallery(profile, arguments.out, fonts_folder(profile.var.path), arguments.only)
        print(f"{len(made)} pictures in {arguments.out / profile.name}")
    if arguments.page:
        print(gallery_page.write_page(arguments.out))
    return 0


def _examine(profile: Profile, arguments: argparse.Namespace) -> int:
    """Prints what is wrong, a line each; 1 if there is anything."""
    from kiosk.examine import examine  # noqa: PLC0415  (a kiosk that runs does not need it)

    findings, views = examine(profile, fonts_folder(profile.var.path), arguments.only, arguments.look)
    for finding in findings:
        print(finding)
    print(f"{len(findings)} findings in {views} views of {profile.name}", file=sys.stderr)
    return 1 if findings else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m kiosk", description=__doc__)
    _profile_arguments(parser)
    commands = parser.add_subparsers(dest="command")
    fonts = commands.add_parser("fonts", help="extract the faces of Noto Sans CJK")
    fonts.add_argument("--out", type=Path, required=True, metavar="DIR")
    gallery = commands.add_parser("gallery", help="photograph every screen, without a server")
    _profile_arguments(gallery)
    gallery.add_argument("--out", type=Path, required=True, metavar="DIR")
    gallery.add_argument("--only", default="", metavar="TEXT", help="scenes whose name contains TEXT")
    gallery.add_argument("--all", action="store_true", help="both panels")
    gallery.add_argument("--page", action="store_true", help="and a page that shows them")
    examine = commands.add_parser("examine", help="walk through the widgets of every screen, in every look")
    _profile_arguments(examine)
    examine.add_argument("--only", default="", metavar="TEXT", help="scenes whose name contains TEXT")
    examine.add_argument("--look", default="", metavar="TEXT", help="looks whose name contains TEXT")
    bench = commands.add_parser("voice-bench", help="measure how fast the voice begins and stops")
    bench.add_argument("--rounds", type=int, default=10, metavar="N")
    pack = commands.add_parser("voice-pack", help="what a speaker has to record, and a pack of what has been recorded")
    pack.add_argument("--out", type=Path, required=True, metavar="DIR")
    pack.add_argument("--lang", choices=["zh-Hans", "en"], default="zh-Hans")
    pack.add_argument("--by-machine", action="store_true", help="recordings by espeak-ng, to try the pack")
    return parser


def _profile_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--profile", default="demo", metavar="NAME|PATH", help="the terminal's profile")
    parser.add_argument("--set", action="append", metavar="SECTION.KEY=VALUE", help="override one setting")


if __name__ == "__main__":
    sys.exit(main())
