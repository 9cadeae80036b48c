"""The plot of ``compare``: needs the development tools (matplotlib), and is imported when a plot is drawn.

Letters are drawn as shapes, so the picture looks the same wherever it is opened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

COLOURS = {"sla": "#1f4e8c", "appointments-first": "#c46a1a", "edf": "#5a8f3c", "fifo": "#8a8a8a"}
MARKS = {"sla": "o", "appointments-first": "s", "edf": "^", "fifo": "D"}
KINDS = (("appointment", "预约 appointments"), ("priority", "优先 priority"), ("walkin", "现场取号 walk-ins"))
SETTINGS: dict[Any, Any] = {
    "font.family": ["Noto Sans CJK SC", "Noto Sans CJK JP", "DejaVu Sans"],
    "font.size": 9,
    "svg.fonttype": "path",
    "svg.hashsalt": "jiaohao",
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def draw(
    loads: Sequence[float],
    j: Mapping[str, Sequence[float]],
    late: Mapping[str, Mapping[str, float]],
    late_load: float,
    windows: int,
) -> str:
    """SVG: J by load for each policy, and percent late by kind at one load."""
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=(9.6, 4.2), layout="constrained")
        FigureCanvasSVG(figure)
        left, right = figure.subplots(1, 2, width_ratios=(1.15, 1))
        for policy, values in j.items():
            left.plot(loads, values, color=COLOURS[policy], marker=MARKS[policy], markersize=4, label=policy)
        left.set_yscale("symlog", linthresh=1)
        left.set_ylim(bottom=0)
        left.set_yticks([0, 1, 3, 10, 30, 100, 300], labels=["0", "1", "3", "10", "30", "100", "300"])
        left.set_xlabel("load 负荷 (expected work / window minutes 预计工作量 / 窗口时间)")
        left.set_ylabel("J: penalty points per 100 tickets 每百号罚分")
        left.set_title(f"Broken promises by load, {windows} windows\n各负荷下的违诺罚分({windows} 个窗口)", fontsize=10)
        left.grid(axis="y", alpha=0.3)
        left.margins(x=0.03)
        left.set_xticks(list(loads))
        left.legend(frameon=False, loc="lower right")
        width = 0.8 / len(late)
        for place, (policy, shares) in enumerate(late.items()):
            at = [n + (place - (len(late) - 1) / 2) * width for n in range(len(KINDS))]
            bars = right.bar(
                at, [shares.get(kind, 0.0) for kind, _ in KINDS], width, color=COLOURS[policy], label=policy
            )
            right.bar_label(bars, fmt="%.0f", fontsize=7, padding=1)
        right.set_xticks(range(len(KINDS)), labels=[name for _, name in KINDS])
        right.set_ylabel("called after the promised time 超时叫号 (%)")
        right.set_title(f"Late at load {late_load:g}\n负荷 {late_load:g} 时的超时比例", fontsize=10)
        right.legend(frameon=False, loc="upper left")
        text = StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"
