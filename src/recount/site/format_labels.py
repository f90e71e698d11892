"""The words around a book's other forms, in both languages: PDF, EPUB, and the site as one archive."""

from __future__ import annotations

from types import MappingProxyType

FORMAT_LABELS = MappingProxyType(
    {
        "zh": MappingProxyType(
            {
                "downloads": "下载",
                "contents": "目录",
                "chapter_receipts": "本章凭据",
                "judged": "报道的说法，逐条判定",
                "known": "只用截至{day}已经公开的网页。",
                "site": "网址：",
                "pdf": "全书 PDF",
                "epub": "电子书 EPUB",
                "zip": "整个网站（ZIP，解压后打开 index.html）",
                "chapter_pdf": "本章 PDF",
                "size": "，{size} MB",
                "cover": "封面",
                "start": "正文",
            }
        ),
        "en": MappingProxyType(
            {
                "downloads": "Downloads",
                "contents": "Contents",
                "chapter_receipts": "Receipts of this chapter",
                "judged": "The feature's claims, judged",
                "known": "Uses only pages that were public by {day}.",
                "site": "On the web: ",
                "pdf": "The whole book as PDF",
                "epub": "The whole book as EPUB",
                "zip": "The whole site (ZIP: unpack it and open index.html)",
                "chapter_pdf": "This chapter as PDF",
                "size": ", {size} MB",
                "cover": "Cover",
                "start": "Text",
            }
        ),
    }
)
