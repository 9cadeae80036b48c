"""``/metrics``: how right the waits shown have been, and how often a look ahead advised a call.

Prometheus' text format (0.0.4). Of halls, never of people.
"""

from __future__ import annotations

from litestar import Response, get

from queue_server.http.door import Door, TheDoor
from queue_server.http.guard import PUBLIC

DAYS = 7
"""Today and so many days before it."""
_ROLLOUTS = {
    "asked": "Calls before which the coming hour was tried out.",
    "advised": "Of these, calls for which somebody else than the index's choice was advised.",
    "late": "Of these, looks that were not back in time.",
}
_HELP = {
    "jiaohao_forecast_age_seconds": "Age of the forecast that is shown.",
    "jiaohao_forecast_look_ms": "How long the latest look ahead took.",
    "jiaohao_forecast_people": "People called whose shown wait is measured.",
    "jiaohao_forecast_mae_minutes": "Mean absolute error of the wait shown at issue.",
    "jiaohao_forecast_p90_coverage": "Share of waits that ended within the range shown.",
    "jiaohao_forecast_width_minutes": "Mean width of the range shown, P50 to P90.",
}


def lines(door: Door) -> list[str]:
    """Every figure of every hall this server decides for."""
    found: dict[str, list[str]] = {name: [] for name in _HELP}
    now = door.clock()
    for hall in sorted(door.foretold.hindsights):
        table = door.foretold.table(hall, now)
        if table is not None:
            age = (now - table.at).total_seconds()
            found["jiaohao_forecast_age_seconds"].append(f'{{hall="{hall}"}} {age:.1f}')
            found["jiaohao_forecast_look_ms"].append(f'{{hall="{hall}"}} {table.took_ms:.1f}')
        for kind, right in door.foretold.accuracy(hall, DAYS).items():
            if not right.n:
                continue
            label = f'{{hall="{hall}",kind="{kind.value}",days="{DAYS}"}}'
            found["jiaohao_forecast_people"].append(f"{label} {right.n}")
            found["jiaohao_forecast_mae_minutes"].append(f"{label} {right.mae_min:.3f}")
            found["jiaohao_forecast_p90_coverage"].append(f"{label} {right.coverage:.4f}")
            found["jiaohao_forecast_width_minutes"].append(f"{label} {right.width_min:.3f}")
    text = []
    for name, what in _HELP.items():
        if found[name]:
            text += [f"# HELP {name} {what}", f"# TYPE {name} gauge", *(f"{name}{one}" for one in found[name])]
    if door.rollouts is not None:
        figures = door.rollouts.figures()
        for key, what in _ROLLOUTS.items():
            name = f"jiaohao_rollouts_{key}_total"
            text += [f"# HELP {name} {what}", f"# TYPE {name} counter", f"{name} {figures[key]:g}"]
    return text


@get("/metrics", opt={"who": PUBLIC}, include_in_schema=False, sync_to_thread=True)
def metrics(door: TheDoor) -> Response[str]:
    body = "".join(f"{line}\n" for line in lines(door))
    return Response(body, media_type="text/plain; version=0.0.4; charset=utf-8", headers={"cache-control": "no-store"})


ROUTES = [metrics]
