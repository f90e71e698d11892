"""The live draft: what an editor saves is on the page, run where it is stale, with its findings."""
