"""What became of launched plays: the quarterly review per playbook."""
