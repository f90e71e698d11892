"""The words of the live draft in both languages: what the page says around findings, never the findings."""

from __future__ import annotations

from types import MappingProxyType

WORDS = MappingProxyType({
    "zh": MappingProxyType({
        "running": "运行中…", "checking": "核查中…", "waiting": "另一条 recount 命令正在工作，等待中…", "reading": "排版中…",
        "lost": "与 recount serve 的连接已断开", "findings": "核查发现", "none": "没有发现问题", "elsewhere": "其他页面",
        "where": "何处", "expected": "应为", "found": "实为", "done": "已做", "next": "下一步", "open": "查看", "close": "收起",
        "panel": "草稿的核查结果", "opening": "正在打开草稿", "wait": "第一次要排好全书，约需十秒。页面好了会自己出现。",
        "no_page": "草稿里没有这一页", "home": "回到首页", "no_search": "草稿不带搜索；全书的搜索由 recount build 生成。",
    }),
    "en": MappingProxyType({
        "running": "running…", "checking": "checking…", "waiting": "waiting for another recount command…", "reading": "setting the page…",
        "lost": "the connection to recount serve is gone", "findings": "Findings", "none": "nothing found", "elsewhere": "On other pages",
        "where": "where", "expected": "expected", "found": "found", "done": "done", "next": "next", "open": "Show", "close": "Hide",
        "panel": "Findings on the draft", "opening": "Opening the draft",
        "wait": "The first time the whole book is read, which takes some ten seconds. The page comes by itself.",
        "no_page": "The draft has no such page", "home": "To the front page",
        "no_search": "A draft has no search; recount build makes the search of the whole book.",
    }),
})  # fmt: skip
