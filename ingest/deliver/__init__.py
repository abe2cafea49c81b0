"""Delivery: letters leave through an outbox, one file per channel."""
