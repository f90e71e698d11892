"""The grid: editions by day, language, assumptions and feature, made on one machine or on many.

From the bottom: ``place`` (files in a folder or behind a URL), ``inputs`` (what a book brings to a worker),
``wanted`` (an edition and its key), ``axes`` (which editions are asked for), ``results`` (what is finished),
``judging`` (how a worker makes one), ``worker`` (its program), ``process`` (its owner's end of it), ``local`` and
``cluster`` (who hands out the work), ``table`` (one Parquet file of it all), ``sweep`` (from first to last) and
``command`` (as the command line asks for it).
"""
