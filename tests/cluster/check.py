#!/usr/bin/env python3
"""Three hosts of which any may die, under load: what was answered is kept, and each subscriber gets
each message once, in order.

    check.py NATS [--seed N] [--rounds N] [--faults NAME,...] [--pairs] [--logs FOLDER]

A round does each fault once, in an order by its seed, and compares; the next one has the next seed.
"""

import argparse
import random
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nemesis
from clients import Doors, Traffic
from people import Person
from running import eventually
from three_hosts import ThreeHosts

WELL_WITHIN = 120  # seconds after a fault, until each part has its three members again


class Check:
    """One round, by one seed."""

    def __init__(self, cluster, people, options, seed):
        self.cluster = cluster
        self.people = people
        self.options = options
        self.dice = random.Random(seed)
        self.traffic = None
        self.violations = []
        self.lost_streams = 0

    def run(self):
        self.traffic = Traffic(self.cluster.hosts, self.people)
        eventually(lambda: all(subscriber.named("CaughtUp")
                               for subscriber in self.traffic.subscribers), 30)
        for chosen in self.plan():
            self.carry_out(chosen)
        self.wait_until_well()
        self.traffic.end()
        self.violations += self.traffic.violations(self.people[0], self.lost_streams)
        self.traffic.close()
        self.print_report()
        return not self.violations

    def plan(self):
        """The faults of each moment."""
        names = self.options.faults.split(",") if self.options.faults else []
        chosen = [nemesis.ALL[name] for name in names] or nemesis.choose(self.dice)
        return nemesis.pair(chosen) if self.options.pairs else [[fault] for fault in chosen]

    def carry_out(self, chosen):
        self.wait_until_well()
        self.traffic.spread()
        time.sleep(1)
        targets = [fault.target(self.cluster, self.dice) for fault in chosen]
        name = ", ".join(f"{fault.name}: {fault.text(target)}"
                         for fault, target in zip(chosen, targets))
        print(f"{name} (primary {self.cluster.primary().name}, leader of the stream "
              f"{self.cluster.stream_leader().name})", flush=True)
        self.lost_streams += sum(fault.loses_stream for fault in chosen)
        within = max(fault.within for fault in chosen)
        began = time.monotonic()
        with ThreadPoolExecutor() as at_once:
            moments = list(at_once.map(lambda fault, target: fault.begin(self.cluster, target),
                                       chosen, targets))
        # A fault that lasts by intention names the moment of its end.
        began = max([began, *filter(None, moments)])
        time.sleep(max(fault.lasts for fault in chosen))
        goes_on = any(fault.stops_writing for fault in chosen) or self.goes_on(within)
        for fault, target in zip(chosen, targets):
            fault.end(self.cluster, target)
        if not (goes_on and self.goes_on(within)):
            self.violations.append(f"{name}: {self.traffic.what_waits(began)}")
            return
        written, received = self.traffic.pauses(began)
        print(f"    pauses: writing {written:.1f} s, delivery {received:.1f} s", flush=True)
        if max(written, received) > within:
            self.violations.append(f"{name}: a pause of {max(written, received):.1f} s")

    def goes_on(self, within):
        """Whether both do, from now on, before long."""
        now = time.monotonic()
        while not self.traffic.goes_on(now):
            if time.monotonic() > now + within + 60:
                return False
            time.sleep(0.02)
        return True

    def wait_until_well(self):
        try:
            eventually(lambda: not self.cluster.find_unwell(), WELL_WITHIN)
        except AssertionError as error:
            raise AssertionError(f"not well: {self.cluster.find_unwell()}") from error

    def print_report(self):
        posts = [post for writer in self.traffic.writers for post in writer.posts]
        accepted = [post for post in posts if post.accepted]
        unknown = sum(bool(post.refusals) for post in accepted)
        epoch = self.cluster.sql("SELECT epoch FROM relay_state", "fechatter")
        print(f"cluster: {len(accepted)} messages accepted, {unknown} of them not at the first "
              f"try; epoch {epoch}; "
              f"{sum(s.connects for s in self.traffic.subscribers)} connections of "
              f"{len(self.traffic.subscribers)} subscribers")
        for violation in self.violations[:40]:
            print(f"VIOLATION: {violation}")


def run_rounds(cluster, options):
    began = time.monotonic()
    cluster.start()
    print(f"cluster: three hosts are up after {time.monotonic() - began:.0f} s", flush=True)
    doors = Doors(cluster.hosts, "server")
    people = [Person(doors, name) for name in ("alice", "bob", "carol")]
    for name, fault in nemesis.ALL.items():
        if fault.by_name_alone and not options.faults:
            print(f"=== SKIPPED: tests/cluster: {name}: {fault.by_name_alone}; docs/cluster.md")
    for seed in range(options.seed, options.seed + options.rounds):
        print(f"cluster: seed {seed}", flush=True)
        for person in people:
            person.signs_in(doors)
        if not Check(cluster, people, options, seed).run():
            return False
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("nats")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--rounds", type=int, default=1, help="each with the next seed")
    parser.add_argument("--faults", default="", help=", ".join(nemesis.ALL))
    parser.add_argument("--pairs", action="store_true", help="two faults at a time")
    parser.add_argument("--logs", type=Path)
    options = parser.parse_args()
    cluster = ThreeHosts(options.nats)
    good = False
    try:
        good = run_rounds(cluster, options)
    except Exception:  # pylint: disable=broad-except
        traceback.print_exc()
    if not good and options.logs:
        cluster.keep_logs(options.logs)
        print(f"cluster: failed; the logs of the hosts are in {options.logs}")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
