"""One core for a process and all it starts."""

import os


def pin():
    """Thread counts in outputs are then the same on every machine, and threads never wait for each other's cores."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[os.getpid() % len(cores)]})
