"""Tests mirror the code: tests/moderation/test_policy.py speaks of moderation/policy.py."""
