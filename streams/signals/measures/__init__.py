"""What rules may ask about an account at a moment: one file per domain, one registry."""
