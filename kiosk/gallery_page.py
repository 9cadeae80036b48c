"""The gallery as one page: pictures grouped by screen, chosen by panel, theme and language. Nothing is fetched.

Pure but for the writing of the file: what is shown comes from the lists that ``gallery`` leaves beside the pictures.
"""

from __future__ import annotations

import html
import json
from dataclasses import astuple, dataclass
from pathlib import Path

from kiosk.scenes.table import SCREENS
from kiosk.text import NAMES

THEMES = {
    "normal": "普通", "elder": "长者专版", "contrast": "高对比", "elder+contrast": "长者专版 + 高对比",
    "low": "低位", "elder+low": "长者专版 + 低位",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Picture:
    """``path`` from the page's folder; ``title`` as it stands on the screen, in Chinese."""

    path: str
    scene: str
    screen: str
    title: str
    lang: str
    theme: str

    def row(self) -> list[str]:
        return list(astuple(self))


_STYLE = """
body{margin:0;font:16px/1.45 system-ui,"Noto Sans CJK SC",sans-serif;background:#eef3f9;color:#10233d}
header{position:sticky;top:0;background:#0b2f5e;color:#fff;padding:12px 20px;z-index:2}
h1{font-size:20px;margin:0 0 8px}h2{margin:28px 20px 10px}
fieldset{display:inline-block;border:0;padding:0;margin:0 18px 4px 0}
label{margin-right:10px;white-space:nowrap}
main{padding-bottom:60px}section>div{display:flex;flex-wrap:wrap;gap:16px;padding:0 20px;align-items:flex-start}
figure{margin:0;background:#fff;border:1px solid #c3ceda;border-radius:6px;padding:6px}
figure[hidden]{display:none}img{display:block;height:auto;background:#dfe5ec}
.tall img{width:216px}.small img{width:400px}
figcaption{font-size:13px;margin-top:6px;max-width:216px}.small figcaption{max-width:400px}
figcaption span{color:#33475f;display:block}a:focus-visible{outline:4px solid #0b4a99}
"""

_SCRIPT = """
const wanted = name => new Set([...document.querySelectorAll(`input[name=${name}]:checked`)].map(x => x.value));
function choose() {
  const [panel, theme, lang] = ['panel', 'theme', 'lang'].map(wanted);
  const text = document.querySelector('#text').value.trim();
  for (const one of document.querySelectorAll('figure')) {
    const d = one.dataset;
    one.hidden = !(panel.has(d.panel) && theme.has(d.theme) && lang.has(d.lang) && d.scene.includes(text));
  }
  for (const part of document.querySelectorAll('section'))
    part.hidden = !part.querySelector('figure:not([hidden])');
}
document.querySelector('header').addEventListener('input', choose);
choose();
"""


def write_page(out: Path) -> Path:
    """``out/index.html`` over the panels whose lists stand in ``out``."""
    panels = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(out.glob("*.json"))}
    sections: dict[str, list[str]] = {number: [] for number in SCREENS}
    count = 0
    for panel, listed in panels.items():
        width, height = listed["size"]
        for row in listed["pictures"]:
            picture = Picture(*row)
            sections[picture.screen].append(_figure(panel, picture, width, height))
            count += 1
    body = "".join(
        f"<section id={number}><h2>{number if number != 'all' else '·'} {html.escape(SCREENS[number])}</h2>"
        f"<div>{''.join(figures)}</div></section>"
        for number, figures in sections.items()
        if figures
    )
    page = out / "index.html"
    page.write_text(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Kiosk: every screen</title>"
        f"<style>{_STYLE}</style><header><h1>Every screen of the kiosk: {count} pictures</h1>"
        + _choice("panel", {panel: panel for panel in panels}, set(panels))
        + _choice("theme", THEMES, {"normal"})
        + _choice("lang", {str(lang): name for lang, name in NAMES.items()}, {"zh-Hans"})
        + '<label>scene <input id=text placeholder="start"></label></header>'
        + f"<main>{body}</main><script>{_SCRIPT}</script></html>",
        encoding="utf-8",
    )
    return page


def _figure(panel: str, picture: Picture, width: int, height: int) -> str:
    shape = "tall" if height > width else "small"
    path = html.escape(picture.path, quote=True)
    return (
        f'<figure class={shape} data-panel="{panel}" data-theme="{picture.theme}" data-lang="{picture.lang}" '
        f'data-scene="{html.escape(picture.scene, quote=True)}"><a href="{path}">'
        f'<img src="{path}" loading=lazy width={width} height={height} alt="{html.escape(picture.title, quote=True)}">'
        f"</a><figcaption>{html.escape(picture.scene)}<span>{html.escape(picture.title)} · "
        f"{THEMES[picture.theme]} · {NAMES[picture.lang]}</span></figcaption></figure>"  # type: ignore[index]
    )


def _choice(name: str, options: dict[str, str], chosen: set[str]) -> str:
    boxes = "".join(
        f'<label><input type=checkbox name={name} value="{value}"{" checked" if value in chosen else ""}> '
        f"{html.escape(label)}</label>"
        for value, label in options.items()
    )
    return f"<fieldset>{boxes}</fieldset>"
