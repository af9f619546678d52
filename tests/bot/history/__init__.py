"""Tests of the readers of exported history, on small exports written by factories.py."""
