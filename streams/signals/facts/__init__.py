"""What is known about an account whatever rules there are: a new rule sees what was before it. One file per domain."""
