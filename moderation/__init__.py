"""What Steward knows about relevance; it would still make sense if Discord and Slack vanished."""
