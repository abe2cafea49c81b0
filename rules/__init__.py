"""Judgement: events in, alerts out, with a reason for each. Pure: time is an argument."""
