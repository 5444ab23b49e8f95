"""The benches behind dev/bench."""
