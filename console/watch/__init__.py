"""The platform's own watch: a process that shares no part with what it watches but database and broker."""
