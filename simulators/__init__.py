"""A community in a box: devices, residents, scenarios with known truth, faults."""
