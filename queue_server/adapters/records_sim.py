"""Offices to play with: the other end of the wire, written from ``docs/city-records.md`` alone.

Every person has records and cases, invented from the hash of the number, the same each time. A number ending in 1013 is
on no record, one in 1077 on somebody else's. ``POST /sim/faults`` switches ``paused``, ``fail``, ``rubbish`` and
``slow``: how often each still happens. ``python -m queue_server.adapters.records_sim --port 8096`` runs it.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import time
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer
from typing import Any

from queue_server.adapters.sim_http import JsonHandler, Simulated, listening

TOKEN = "records-sim"  # noqa: S105  (a simulator's, not a secret)
SLOW_S = 3.0
NOTHING, SOMEBODY_ELSE = "1013", "1077"
OFFICE = {"office_zh": "星河市数据共享平台", "office_en": "Xinghe data exchange"}
_STATES = (
    ("received", "请等候受理通知", "Please wait to be told that it is accepted"),
    ("checking", "不用再来，办结后会通知您", "No need to come; you will be told when it is done"),
    ("supplement", "请带户口簿到受理窗口补交", "Please bring the household register to the window"),
    ("ready", "请带身份证到原窗口领取", "Please fetch it at the same window with your card"),
)
_KNOWN = {
    "20261120000017": 1,
    "20261120000025": 2,
    "20261120000033": 3,
}
"""Case numbers that anybody may try, and the state of each."""


class RecordsSim(Simulated):
    """``faults``: how often each still happens; ``asked``: paths only, never a body."""

    def __init__(self, token: str = TOKEN) -> None:
        super().__init__(token)
        self.asked: list[str] = []

    def cases_of(self, number: str) -> list[dict[str, Any]]:
        if number.endswith(NOTHING):
            return []
        seed = _seed(number, "cases")
        return [_case(f"2026{seed:010d}", seed % 4), _case(f"2025{seed // 7:010d}", (seed // 4) % 4)]

    def case(self, number: str) -> dict[str, Any] | None:
        return _case(number, _KNOWN[number]) if number in _KNOWN else None

    def record(self, matter: str, number: str, name: str) -> dict[str, Any]:
        """Invented for this person and matter, the same each time."""
        seed = _seed(number, matter)
        month = f"{1 + seed % 12:02d}"
        lines = [
            ("姓名", "Name", name or "（未登记）", "name"),
            ("证件号码", "ID number", number, "number"),
            ("状态", "State", "正常", "open"),
            ("最近一次", "Last entry", f"2026-{month}", "open"),
            ("金额（元）", "Amount (CNY)", f"{seed % 900_000 / 100 + 100:.2f}", "hidden"),
            ("累计（元）", "Total (CNY)", f"{seed % 9_000_000 / 100 + 1000:.2f}", "hidden"),
            ("登记单位", "Registered at", f"星河市第{1 + seed % 9}经办所", "hidden"),
        ]
        return {
            "title_zh": "查询结果",
            "title_en": "Result",
            "as_of": datetime.now(UTC).isoformat(),
            "lines": [{"label_zh": a, "label_en": b, "value": c, "kind": d} for a, b, c, d in lines],
        }


def _seed(*parts: str) -> int:
    return int.from_bytes(hashlib.sha256("/".join(parts).encode()).digest()[:4])


def _case(number: str, state: int) -> dict[str, Any]:
    name, zh, en = _STATES[state]
    since = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2 + state)
    return {
        "number": number,
        "matter_zh": "社会保障卡申领",
        "matter_en": "Apply for a social security card",
        "state": name,
        "since": since.isoformat(),
        "expected": (since + timedelta(days=15)).isoformat(),
        "next_zh": zh,
        "next_en": en,
        "office_zh": "星河市社会保障卡服务中心",
        "office_en": "Xinghe social security card centre",
        "owner_phone": "021-0000 0096",
    }


def serve(sim: RecordsSim, port: int = 0) -> ThreadingHTTPServer:
    """A server on 127.0.0.1, listening; run its ``serve_forever``."""
    return listening(_Handler, sim, port)


class _Handler(JsonHandler):
    sim: RecordsSim

    def do_GET(self) -> None:  # noqa: N802  (http.server's name)
        if self.path == "/sim":
            self.send(200, {"faults": self.sim.faults, "asked": self.sim.asked})
        elif (found := re.fullmatch(r"/api/cases/([0-9]{8,20})", self.path)) and self._allowed():
            case = self.sim.case(found[1])
            self.send(*((404, {}) if case is None else (200, {"cases": [case]})))
        elif found is None:
            self.send(404, {})

    def do_POST(self) -> None:  # noqa: N802  (http.server's name)
        body = self.body()
        if self.path == "/sim/faults":
            self.sim.switch(body)
            self.send(200, {})
        elif not self._allowed():
            return
        elif self.path == "/api/cases":
            self.send(200, {"cases": self.sim.cases_of(body["number"])})
        elif found := re.fullmatch(r"/api/records/([A-Za-z0-9_-]{1,32})", self.path):
            number = str(body["number"])
            if number.endswith(NOTHING):
                self.send(404, {})
            elif number.endswith(SOMEBODY_ELSE):
                self.send(409, {})
            else:
                self.send(200, {"record": self.sim.record(found[1], number, str(body.get("name", "")))})
        else:
            self.send(404, {})

    def _allowed(self) -> bool:
        if not self.bearer():
            return False
        self.sim.asked.append(self.path)
        if self.sim.has("paused"):
            back = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(hours=1)
            self.send(503, {**OFFICE, "back_at": back.isoformat()})
            return False
        if self.sim.has("fail"):
            self.send(500, {})
            return False
        if self.rubbish():
            return False
        if self.sim.has("slow"):
            time.sleep(SLOW_S)
        return True


def main() -> int:
    parser = argparse.ArgumentParser(description="simulated offices with records and cases")
    parser.add_argument("--port", type=int, default=8096)
    parser.add_argument("--token", default=os.environ.get("JIAOHAO_RECORDS_TOKEN", TOKEN))
    chosen = parser.parse_args()
    with serve(RecordsSim(chosen.token), chosen.port) as server:
        server.serve_forever()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
