"""The people's side: HTTP, live feed, web page and the `shequ` command."""
