"""The `shequ` command, one file per noun."""
