"""What can go wrong with a running platform, as a table, and the tools that make it go wrong."""
