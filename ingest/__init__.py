"""The flow: bytes from the broker in, committed rows and deliveries out."""
