"""One small program for each memory that is compared, run in that memory's own virtual environment."""
