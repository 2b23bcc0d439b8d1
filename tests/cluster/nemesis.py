"""Which faults there are, and which of them happen when, alone or two at a time."""

import clock_faults
import disk_faults
import faults
import network_faults
import store_faults

ALL = {fault.name.split(":")[0].replace(" ", "-"): fault
       for kind in (faults, network_faults, store_faults, disk_faults, clock_faults)
       for fault in kind.ALL}


def choose(dice):
    """Each once, but those that three hosts of today's programs do not stand."""
    chosen = [fault for fault in ALL.values() if not fault.by_name_alone]
    dice.shuffle(chosen)
    return chosen


def pair(chosen):
    """Each with the next one that takes nothing of what it takes; alone where there is none."""
    waiting = list(chosen)
    pairs = []
    while waiting:
        first = waiting.pop(0)
        second = next((fault for fault in waiting if not first.takes & fault.takes), None)
        if second:
            waiting.remove(second)
        pairs.append([first, second] if second else [first])
    return pairs
