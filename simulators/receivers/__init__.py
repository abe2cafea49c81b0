"""Receivers of letters for a laptop: an SMS, voice and robot gateway, a short message centre, a mail server.

They are real servers that speak the real protocols; only nobody reads the messages. Their ledger
counts every key once and says how often it came, which is how a test knows of doubles.
"""
