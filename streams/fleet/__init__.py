"""A seeded fleet of customers that lives, works, struggles and leaves, and tells about it in events.

It knows what customers do, not what anyone looks for: it imports nothing of plays or signals and has no threshold.
"""
