"""HTTP event streams of makers that do not speak MQTT: each part is published on the broker.

From there on it is a message like all others: it waits while ingest is away, is acknowledged
after its commit, and is read by its adapter in `devices/adapters/`.
"""
