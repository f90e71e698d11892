"""The words around a chart, in both languages: its data, its files, how to embed it, how to read it by keyboard."""

from __future__ import annotations

from types import MappingProxyType

CHART_LABELS = MappingProxyType(
    {
        "zh": MappingProxyType(
            {
                "data": "图中数据",
                "more": "下载与嵌入",
                "files": "下载",
                "csv": "数据（CSV）",
                "svg": "图（SVG）",
                "png": "图（PNG）",
                "snippet": "嵌入代码",
                "copy": "复制",
                "copied": "已复制",
                "page": "单独的图页",
                "full": "看全文：{}",
                "known": "“{edition}”版，依据截至{day}公开的资料",
                "gap": "　",
                "role": "互动图",
                "keys": "用方向键逐点阅读，按Esc离开。",
                "point": "第{at}项，共{all}项。",
                "left": "已离开图中各点。",
            }
        ),
        "en": MappingProxyType(
            {
                "data": "Data of this chart",
                "more": "Download and embed",
                "files": "Download",
                "csv": "data (CSV)",
                "svg": "picture (SVG)",
                "png": "picture (PNG)",
                "snippet": "Code to embed it",
                "copy": "Copy",
                "copied": "Copied",
                "page": "the chart on its own page",
                "full": "The whole story: {}",
                "known": "Edition “{edition}”, from sources public by {day}",
                "gap": " · ",
                "role": "interactive chart",
                "keys": "Arrow keys read it point by point, Escape leaves.",
                "point": "{at} of {all}. ",
                "left": "Left the points of the chart.",
            }
        ),
    }
)
