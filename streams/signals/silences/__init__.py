"""What rules may call silent: when something was last heard, of whom. One file per domain, one registry."""
