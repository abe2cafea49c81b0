"""The named queries of the console."""
