"""Reads a profile once, whole and strictly, before anything else of the kiosk starts.

Unknown sections and keys are mistakes, with the nearest known name; wrong types and values out of range
are mistakes; all of them are reported together in one ``BadProfile``, so that a technician at a distant
outlet edits the file once. Secrets never stand in the report.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
import tomllib
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from firmware_cfg.profile import BadProfile, Limits, Mistake, Profile, Secret

PROFILES = Path(__file__).parent / "profiles"
_NONE = Limits()
_KINDS = {
    str: "text in quotes",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    Path: "a path in quotes",
    Secret: "text in quotes",
    tuple: "a list of texts",
}
_WRONG = object()


def shipped_profiles() -> tuple[str, ...]:
    """Names of the profiles that come with the software."""
    return tuple(sorted(path.stem for path in PROFILES.glob("*.toml")))


def load_profile(name_or_path: str | Path, overrides: Sequence[str] = ()) -> Profile:
    """Read the shipped profile of that name, or the TOML file at that path.

    ``overrides`` are ``section.key=value`` with the value as in TOML; a bare word is taken as text.
    Raises BadProfile with every mistake of the file and of the overrides together.
    """
    path, name = _find(name_or_path)
    try:
        raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadProfile(name, [Mistake("", f"{path} cannot be read: {error.strerror}")]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadProfile(name, [Mistake("", f"{path} is not TOML: {error}")]) from None
    mistakes: list[Mistake] = []
    for override in overrides:
        _override(raw, override, mistakes)
    profile = _read(Profile, raw, "", mistakes, given={"name": name})
    if "broker" in raw and isinstance(raw["broker"], dict) and {"password", "password_file"} <= raw["broker"].keys():
        mistakes.append(Mistake("broker.password", "give password_file or password, not both"))
    if mistakes:
        raise BadProfile(name, mistakes)
    profile = typing.cast("Profile", profile)
    if not profile.broker.user:
        profile = dataclasses.replace(profile, broker=dataclasses.replace(profile.broker, user=profile.kiosk.id))
    return profile


def _find(name_or_path: str | Path) -> tuple[Path, str]:
    text = str(name_or_path)
    path = Path(text)
    if path.suffix == ".toml" or path.parent != Path():
        return path, path.stem
    if text not in shipped_profiles():
        known = ", ".join(shipped_profiles())
        sentence = f"there is no profile {text!r}{_near(text, shipped_profiles())}; there are: {known}, or give a path"
        raise BadProfile(text, [Mistake("", sentence)])
    return PROFILES / f"{text}.toml", text


def _near(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.55)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _override(raw: dict[str, Any], override: str, mistakes: list[Mistake]) -> None:
    match = re.fullmatch(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)=(.*)", override, re.DOTALL)
    if match is None:
        # The value may be a secret: only what stands before it is shown.
        mistakes.append(Mistake(override.partition("=")[0], "an override is written section.key=value"))
        return
    section, key, text = match.groups()
    try:
        value = tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError:
        value = text
    table = raw.setdefault(section, {})
    if isinstance(table, dict):
        table[key] = value


def _read(
    record: type[Any], raw: Mapping[str, Any], where: str, mistakes: list[Mistake], given: Mapping[str, Any]
) -> object:
    """Build ``record`` from a TOML table, adding to ``mistakes``; the result counts only where none was added."""
    fields = {f.name: f for f in dataclasses.fields(record) if f.name not in given}
    hints = typing.get_type_hints(record)
    values: dict[str, Any] = dict(given)
    what = "key" if where else "section"
    mistakes.extend(
        Mistake(f"{where}{name}", f"there is no such {what}{_near(name, fields)}") for name in raw if name not in fields
    )
    for name, spec in fields.items():
        key = f"{where}{name}"
        kind = hints[name]
        if dataclasses.is_dataclass(kind):
            table = raw.get(name, {})
            if not isinstance(table, dict):
                mistakes.append(Mistake(key, f"must be a section, [{name}]"))
            elif name in raw or _required(spec):
                values[name] = _read(typing.cast("type[Any]", kind), table, f"{key}.", mistakes, given={})
        elif name in raw:
            values[name] = _value(kind, raw[name], spec.metadata.get("limits", _NONE), key, mistakes)
        elif _required(spec):
            mistakes.append(Mistake(key, "is missing"))
    try:
        return record(**values)
    except TypeError:
        return _WRONG  # something required is missing, and that mistake stands in the list


def _required(spec: dataclasses.Field[Any]) -> bool:
    return spec.default is dataclasses.MISSING and spec.default_factory is dataclasses.MISSING


def _value(kind: Any, value: Any, limits: Limits, key: str, mistakes: list[Mistake]) -> Any:
    if isinstance(kind, types.UnionType):  # X | None: a file never says None
        kind = next(part for part in typing.get_args(kind) if part is not type(None))
    plain = typing.get_origin(kind) or kind
    shown = "***" if limits.secret else repr(value)
    converted = _converted(plain, value)
    if converted is _WRONG:
        mistakes.append(Mistake(key, f"must be {_KINDS[plain]}, not {shown}"))
        return _WRONG
    parts = converted if plain is tuple else (converted,)
    for part in parts:
        if not _within(part, limits):
            mistakes.append(Mistake(key, f"must be {limits.says}, not {shown}"))
            return _WRONG
    return converted


def _converted(kind: type, value: Any) -> Any:
    """``value`` as ``kind`` or _WRONG. A whole number may stand where a number or a text is asked, a bool never."""
    if kind is bool:
        return value if isinstance(value, bool) else _WRONG
    if isinstance(value, bool):
        return _WRONG
    if kind is tuple:
        good = isinstance(value, list) and all(isinstance(part, str) for part in value)
        return tuple(value) if good else _WRONG
    if kind is float and isinstance(value, int):
        return float(value)
    if kind is str and isinstance(value, int):
        return str(value)
    if kind in {Path, Secret}:
        return kind(value) if isinstance(value, str) and value.strip() else _WRONG
    return value if isinstance(value, kind) else _WRONG


def _within(value: Any, limits: Limits) -> bool:
    if limits.choices and value not in limits.choices:
        return False
    if limits.pattern is not None and re.fullmatch(limits.pattern, value) is None:
        return False
    return (limits.low is None or value >= limits.low) and (limits.high is None or value <= limits.high)
