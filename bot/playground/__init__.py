"""A chat community on this machine: the same port as Discord and Slack, held in memory."""
