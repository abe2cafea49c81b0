"""Rendered camera scenes that know what happens in them: a yard, a facade, and everything that disturbs."""
