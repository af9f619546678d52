"""The report of a replay: rows for machines, and a page for people."""
