"""Clocks that are off by an hour, by libfaketime."""

import time

from faults import A_DATABASE, POSTGRES, Fault
from running import eventually

LIBRARY = "/usr/$LIB/faketime/libfaketime.so.1"  # ld.so knows what $LIB is


def program(path, clock):
    """A script that runs a program by a clock that is as far off as the file says, a second later.
    What it measures by the monotonic clock is as long as it was."""
    return (f"#!/bin/sh\nLD_PRELOAD='{LIBRARY}' FAKETIME_TIMESTAMP_FILE={clock} NO_FAKE_STAT=1 "
            "FAKETIME_CACHE_DURATION=1 FAKETIME_DONT_FAKE_MONOTONIC=1 "
            f'exec {path} "$@"\n')


def set_clock(host, offset):
    (host.folder / "postgres/clock").write_text(offset)


class ClockOff(Fault):
    """PostgreSQL's clock at the primary, from one moment to the next; and back."""

    takes = frozenset({POSTGRES})
    lasts = 8
    within = A_DATABASE

    def __init__(self, name, offset):
        self.name = name
        self.offset = offset

    def target(self, cluster, dice):
        return cluster.primary()

    def begin(self, cluster, target):
        set_clock(target, self.offset)
        eventually(lambda: abs(self.seconds_off(cluster, target)) > 3000, 5)

    @staticmethod
    def seconds_off(cluster, target):
        return float(cluster.sql("SELECT extract(epoch FROM clock_timestamp())",
                                 host=target)) - time.time()

    def end(self, cluster, target):
        set_clock(target, "+0")


ALL = (ClockOff("a clock of the primary that is an hour ahead", "+1h"),
       ClockOff("a clock of the primary that is an hour behind", "-1h"))
