"""The site: from executed notebooks and ledgers to pages that load nothing from anywhere else.

`recount.site.build.build_site` makes all of it, `recount.site.assemble.assemble` the source of one book.
"""
