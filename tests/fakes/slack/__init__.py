"""Slack on this machine: README.md says what it does, by which source, and what it does not do."""
