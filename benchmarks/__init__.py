"""What the project measures about itself; `make bench` runs it and writes docs/benchmarks.md."""
