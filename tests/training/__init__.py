"""Tests of what builds the model."""
