"""How wide letters are, for who counts lines without drawing any: bold Noto Sans CJK, in hundredths of an em.

A view decides what stands on a leaf, and a view draws nothing; a test holds this table against the font itself.
"""

from __future__ import annotations

_TABLE = (
    "!37 \"57 #59 $59 %96 &74 '32 (37 )37 *50 +59 ,32 -37 .32 /38 059 159 259 359 459 559 659 759 859 959 :32 ;32"
    " <59 =59 >59 ?51 @100 A64 B68 C65 D71 E61 F58 G71 H75 I33 J56 K68 L57 M85 N74 O77 P66 Q77 R68 S62 T62 U74 V61"
    " W91 X62 Y58 Z61 [37 \\38 ]37 ^59 _56 `62 a59 b64 c52 d64 e58 f37 g59 h64 i30 j30 k60 l31 m96 n64 o62 p64 q64"
    " r43 s49 t42 u63 v57 w86 x56 y57 z51 {37 |29 }37 ~59 …100 —91 –54 ·100 “100 ”100"
)
_HUNDREDTHS = {" ": 22, **{entry[0]: int(entry[1:]) for entry in _TABLE.split()}}


def bold(sign: str) -> float:
    """Width of ``sign`` in em; what is not in the table counts as a whole one."""
    if sign in _HUNDREDTHS:
        return _HUNDREDTHS[sign] / 100 + 0.01
    return 0.93 if "\uac00" <= sign <= "\ud7a3" else 1.0
