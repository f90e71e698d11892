"""Code that looks at the clock is found, and code that only has words like it is not."""

from __future__ import annotations

import pytest

from recount.clock import looks_at_clock

LOOKS = {
    "datetime": "from datetime import datetime\nx = datetime.now()",
    "date": "import datetime as d\nx = d.date.today()",
    "pandas": "import pandas as pd\npd.Timestamp.now('UTC')",
    "a word": "import pandas as pd\npd.Timestamp('now')",
    "a word by name": "import pandas as pd\npd.date_range(start='today', periods=2)",
    "numpy": "import numpy as np\nnp.datetime64('today')",
    "time": "import time\ntime.time()",
    "renamed": "import time as t\nt.perf_counter()",
    "from time": "from time import monotonic as m\nm()",
    "handed on": "from datetime import datetime\nfield(default_factory=datetime.utcnow)",
    "age of a file": "import os\nos.path.getmtime('x')",
    "age by stat": "(ROOT / 'x').stat().st_mtime_ns",
    "magic": "%time frame.sum()",
    "cell magic": "%%timeit\nframe.sum()",
    "beside a magic": "%matplotlib inline\nimport time\ntime.strftime('%Y')",
}


@pytest.mark.parametrize("code", LOOKS.values(), ids=LOOKS.keys())
def test_a_look_at_the_clock_is_found(code):
    assert looks_at_clock([code])


@pytest.mark.parametrize("code", [
    "frame['today']", "now = 1\ntoday = now", "stamp.time()", "import time\ntime.sleep(0)", "pd.Timestamp('2022-02-24')",
    "say('now')", "stamp.strftime('%Y')", "%matplotlib inline", "this is no Python", "time = 3\ntime + 1",
])
def test_words_that_only_sound_like_it_are_let_be(code):
    assert looks_at_clock([code]) == ""


def test_what_one_cell_imports_another_may_use():
    assert looks_at_clock(["from time import time as tick", "tick()"]) == "tick"
