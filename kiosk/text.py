"""Words on the screen, in every language the kiosk speaks; gettext with Chinese as the source language.

``words("en")("取号办事")`` is "Take a number". The catalogues are the ``.po`` files beside this module, compiled
in memory when first asked for, so that there is no build step to forget. A phrase without a translation is shown
in the next language of ``FALLBACK`` (ja and ko: English; traditional Chinese: the simplified phrase, its characters
converted), at last in Chinese, never as a key. ``full_width`` sets
what data brings (names of matters, of papers, of halls) with the marks of Chinese print (GB/T 15834).
"""

from __future__ import annotations

import ast
import gettext
import io
import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from queue_server.wire.types import Lang

LOCALE = Path(__file__).parent / "locale"
SOURCE: Lang = "zh-Hans"
TRADITIONAL = "zh-Hant"
NAMES: Mapping[Lang, str] = MappingProxyType(
    {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English", "ja": "日本語", "ko": "한국어"}
)
"""Every language in the order of the page Settings, by its own name in its own script."""
IN_ALL = "语言  Language  言語  언어"
"""What that page is about, for whoever cannot read the language that is set."""
FALLBACK = MappingProxyType({"ja": "en", "ko": "en"})
"""Where a phrase comes from that a language lacks; the others go straight to the source."""
_QUOTED = re.compile(r'^(?:(msgid|msgid_plural|msgstr)(?:\[(\d)\])?\s+)?(".*")$')
_HAN = "\u3400-\u9fff"
_BRACKETS = re.compile(rf"(?<=([{_HAN}]))?\(([^()]*)\)")
_STOP = re.compile(rf"(?<=[{_HAN}）」》])\s*([,:;!?])\s*")
_FULL = str.maketrans(",:;!?", "，：；！？")


class BadLocale(ValueError):  # noqa: N818  (named for the condition)
    """A ``.po`` file that cannot be read; says which line."""


@dataclass(frozen=True, slots=True)
class Words:
    """One language's phrases."""

    lang: str
    translations: gettext.NullTranslations
    own: frozenset[str] = frozenset()
    """What this language's own file knows."""

    def __call__(self, phrase: str, /, **facts: object) -> str:
        said = self.translations.gettext(phrase)
        return said.format(**facts) if facts else said

    def count(self, phrase: str, n: int, /, **facts: object) -> str:
        """``phrase`` with ``{n}`` put in; the languages that need it have a form for one."""
        return self.translations.ngettext(phrase, phrase, n).format(n=n, **facts)

    def pick(self, zh: str, en: str) -> str:
        """Of what data brings in both languages, this one; Chinese where there is nothing else.

        Other languages have it where their own file knows the Chinese line, and the English of it otherwise.
        """
        if self.lang.startswith("zh") or not en:
            return self.data(zh)
        return self(zh) if self.lang != "en" and zh in self.own else en

    def data(self, zh: str) -> str:
        """What data brings in Chinese only, as it is printed: traditional where that is read."""
        return full_width(traditional(zh) if self.lang == TRADITIONAL else zh)


def full_width(text: str) -> str:
    """Half-width brackets, commas, colons and the like beside a Chinese character, as full-width ones."""

    def bracket(found: re.Match[str]) -> str:
        before, inside = found.groups()
        chinese = before or any("\u3400" <= sign <= "\u9fff" for sign in inside)
        return f"（{inside}）" if chinese else found[0]

    return _STOP.sub(lambda found: found[1].translate(_FULL), _BRACKETS.sub(bracket, text))


def where_to_wait(area_en: str) -> str:
    """The English name of a waiting area as it stands in a sentence: "in the waiting area", "in waiting area 2"."""
    name = "waiting" + area_en[7:] if area_en.startswith("Waiting") else area_en
    numbered = any(sign.isdigit() for sign in name) or not name.startswith("waiting")
    return f"in {name}" if numbered else f"in the {name}"


class _Converted(gettext.NullTranslations):
    """The Chinese phrase itself, in traditional characters."""

    def gettext(self, message: str) -> str:
        return traditional(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:  # noqa: ARG002  (gettext's signature)
        return traditional(msgid1)


@cache
def words(lang: str) -> Words:
    """The words of ``lang``, one of ``NAMES``. Raises BadLocale, or FileNotFoundError for one without a file."""
    if lang == SOURCE:
        return Words(lang, gettext.NullTranslations())
    entries = parse_po(po_file(lang).read_text(encoding="utf-8"))
    translations = gettext.GNUTranslations(io.BytesIO(compile_mo(entries)))
    if lang == TRADITIONAL:
        translations.add_fallback(_Converted())
    elif lang in FALLBACK:
        translations.add_fallback(words(FALLBACK[lang]).translations)
    return Words(lang, translations, frozenset(key.split("\0")[0] for key in entries))


def po_file(lang: str) -> Path:
    """As gettext writes a language with its script: ``zh_Hant.po``."""
    return LOCALE / f"{lang.replace('-', '_')}.po"


@cache
def _converter(way: str) -> Callable[[str], str]:
    # Imported here: two tenths of a second and 40 MB that only who reads traditional Chinese costs, once.
    from opencc import OpenCC  # noqa: PLC0415

    converted: Callable[[str], str] = OpenCC(way).convert
    return converted


@lru_cache(maxsize=4096)
def traditional(zh: str) -> str:
    """``zh`` in the traditional characters of Taiwan; names of matters keep their words, only the shapes change."""
    return _converter("s2tw")(zh)


def simplified(text: str) -> str:
    """``text`` in simplified characters, whatever it was in: what is searched for."""
    return _converter("t2s")(text)


def parse_po(text: str) -> dict[str, str]:
    """``.mo`` keys to values: a plural's key and its forms are joined by NUL. Raises BadLocale."""
    entries: dict[str, str] = {}
    parts: dict[str, str] = {}
    where = ""

    def keep() -> None:
        if "msgid" not in parts:
            return
        plural = parts.get("msgid_plural")
        key = parts["msgid"] if plural is None else f"{parts['msgid']}\0{plural}"
        forms = [parts[name] for name in sorted(parts) if name.startswith("msgstr")]
        if parts["msgid"] in {known.split("\0")[0] for known in entries}:
            raise BadLocale(f"stands twice: {parts['msgid']}")
        if all(forms):
            entries[key] = "\0".join(forms)

    for at, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _QUOTED.match(line.strip())
        if match is None:
            raise BadLocale(f"line {at}: {line}")
        word, form, quoted = match.groups()
        if word == "msgid":
            keep()
            parts.clear()
        if word:
            where = f"{word}{form or ''}"
            parts[where] = ""
        parts[where] += ast.literal_eval(quoted)
    keep()
    return entries


def compile_mo(entries: dict[str, str]) -> bytes:
    """The GNU ``.mo`` form (gettext manual §10.3) of ``entries``, which ``gettext`` reads."""
    keys = sorted(entries, key=str.encode)
    ids = [key.encode() for key in keys]
    texts = [entries[key].encode() for key in keys]
    start = 28 + 16 * len(keys)
    tables: list[int] = []
    data = b""
    for strings in (ids, texts):
        for string in strings:
            tables += [len(string), start + len(data)]
            data += string + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, 0)
    return head + struct.pack(f"<{len(tables)}I", *tables) + data
