"""Slack: what its events tell becomes our own types, and what was decided becomes posts there."""
