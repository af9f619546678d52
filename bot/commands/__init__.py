"""One module for each command; `command` is what the command line runs. Heavy imports wait until it runs."""
