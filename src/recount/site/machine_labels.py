"""Words that machines are told in both languages: on cards, in feeds and in structured data."""

from __future__ import annotations

from types import MappingProxyType

MACHINE_LABELS = MappingProxyType(
    {
        "zh": MappingProxyType(
            {
                "card": "{title}。{figure}",
                "catalog": "数据包",
                "chapter_claims": "本章说法",
                "all_claims": "全部说法",
                "feed": "{book}：更正与答复",
                "feed_about": "已经发布的数字改了，或者有人对它有话要说，都在这里。",
                "measured": "共{rows}行；各列：{columns}。",
                "printed": "原文所印",
                "reviewed": "《{paper}》：{label}，{printed}",
            }
        ),
        "en": MappingProxyType(
            {
                "card": "{title}. {figure}",
                "catalog": "Data package",
                "chapter_claims": "Claims of this chapter",
                "all_claims": "All claims",
                "feed": "{book}: corrections and replies",
                "feed_about": "Published numbers that have changed, and what others had to say of them.",
                "measured": "{rows} rows; columns: {columns}.",
                "printed": "as printed",
                "reviewed": "{paper}: {label}, {printed}",
            }
        ),
    }
)
