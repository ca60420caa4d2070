"""Memories and chat logs as lines of JSON, in and out. docs/exchange.md describes the lines."""
