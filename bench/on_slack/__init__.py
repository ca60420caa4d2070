"""The parts of bench.slack: the whole bot as a process, between a Slack server and a model's server on loopback."""
