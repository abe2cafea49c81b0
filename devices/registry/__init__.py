"""What the platform knows of a device beside what it says: life, siting, papers, configuration. Pure."""
