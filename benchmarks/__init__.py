"""Measures the project against the machine's limit and against other ways to the same scores: docs/performance.md."""
