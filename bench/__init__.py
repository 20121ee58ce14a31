"""What is promised of the worker, measured: `make bench`. The results stand in docs/bench.md."""
