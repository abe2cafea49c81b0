"""What the platform's speed is measured with: load generators and bare limits. Run by `make bench`."""
