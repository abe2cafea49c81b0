"""The vocabulary: what a device is and what it says. Pure: no I/O, no clock."""
