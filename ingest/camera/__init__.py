"""The camera node: from a video stream to events, on a small box at the edge.

It publishes over MQTT like any device and knows nothing of the pipeline or the store.
The analytics (`analyser.py` and what it names) are pure: frames and times in, findings out.
"""
