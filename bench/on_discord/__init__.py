"""The parts of bench.discord: the whole bot as a process, between a Discord server and a model's server on loopback."""
