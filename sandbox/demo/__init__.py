"""The demo: the real bot as a process of its own between the stand-ins, and a script typed into both platforms."""
