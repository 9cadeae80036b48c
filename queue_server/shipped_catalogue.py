"""The shipped catalogue as the message that terminals get."""

from __future__ import annotations

from firmware_cfg.catalogue import Catalogue
from queue_server.wire import messages as wire


def catalogue(shipped: Catalogue) -> wire.Catalogue:
    """The shipped catalogue as the message that a terminal keeps its last good copy of."""
    return wire.Catalogue(
        version=shipped.version,
        groups=[wire.CatalogueGroup(g.letter, g.name_zh, g.name_en) for g in shipped.groups],
        matters=[
            wire.CatalogueMatter(
                id=m.id,
                name_zh=m.name_zh,
                name_en=m.name_en,
                group=m.group,
                matter_class=m.matter_class,
                service_min=m.service_min,
                theme_zh=m.theme_zh,
                theme_en=m.theme_en,
                materials_zh=list(m.materials_zh),
                skill=m.skill,
                bookable=m.bookable,
                remote_ok=m.remote_ok,
                sensitive=m.sensitive,
                pinyin=m.pinyin,
                initials=m.initials,
                self_service=m.self_service,
                look_up=m.look_up,
                papers=[wire.Paper(paper.name_zh, paper.name_en, paper.free, paper.later) for paper in m.papers],
                proxy=m.proxy,
                proxy_zh=m.proxy_zh,
                proxy_en=m.proxy_en,
                role=m.role,
            )
            for m in shipped.matters
        ],
        hot=list(shipped.hot),
    )
