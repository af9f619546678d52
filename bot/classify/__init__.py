"""`steward classify`: JSON lines in, JSON lines out, answered as they come."""
