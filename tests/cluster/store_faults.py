"""Faults of what hosts store: it is gone, or another one."""

import os
import shutil
import signal

from faults import A_DATABASE, A_STREAM_LEADER, NATS, POSTGRES, Fault
from running import eventually
from three_hosts import STREAM


def change_nats(hosts, change):
    """What happens to their stores while they are down, all at the same time."""
    for host in hosts:
        host.kill("nats")
    for host in hosts:
        change(host.folder / "nats/jetstream")
        host.start("nats")


def flip(store, place):
    """One byte of the messages of the stream; `place` is 0..1 of all of them."""
    blocks = sorted(store.glob(f"*/streams/{STREAM}/msgs/*.blk"))
    offset = int(place * sum(block.stat().st_size for block in blocks))
    for block in blocks:
        if offset < block.stat().st_size:
            with block.open("r+b") as file:
                file.seek(offset)
                byte = file.read(1)[0]
                file.seek(offset)
                file.write(bytes([byte ^ 0xff]))
            return
        offset -= block.stat().st_size


class NatsStoreLost(Fault):
    """Of one host, which gets everything again from the two others."""

    name = "lose the NATS store of a host"
    takes = frozenset({NATS})
    within = A_STREAM_LEADER

    def begin(self, cluster, target):
        change_nats([target], shutil.rmtree)


class NatsStoresLost(Fault):
    """Of all hosts: the stream is made anew, and PostgreSQL refills it."""

    name = "lose the NATS stores of all hosts"
    takes = frozenset({NATS})
    within = A_DATABASE
    loses_stream = True

    def text(self, target):
        return "all"

    def begin(self, cluster, target):
        change_nats(cluster.hosts, shutil.rmtree)


class NatsStoreFlipped(Fault):
    """One byte of one replica is another one; the two others have it right. Where NATS does not
    repair it, its store is removed, as docs/cluster.md asks of an operator."""

    name = "flip a byte in the NATS store of a host"
    takes = frozenset({NATS})
    lasts = 15  # NATS answers without a leader after 10
    within = A_STREAM_LEADER

    def target(self, cluster, dice):
        return [dice.choice(cluster.hosts)], dice.random()

    def text(self, target):
        hosts, place = target
        return f"{' '.join(host.name for host in hosts)} at {place:.2f}"

    def begin(self, cluster, target):
        hosts, place = target
        change_nats(hosts, lambda store: flip(store, place))

    def end(self, cluster, target):
        for host in target[0]:
            if not cluster.has_all_of_stream(host):
                print(f"    NATS does not repair the store of {host.name}: removed", flush=True)
                change_nats([host], shutil.rmtree)
                eventually(lambda at=host: cluster.has_all_of_stream(at), 60)


class NatsStoresFlipped(NatsStoreFlipped):
    """The same message in all replicas, which is lost."""

    name = "flip a byte in the NATS stores of all hosts"
    within = A_DATABASE
    loses_stream = True

    def target(self, cluster, dice):
        return cluster.hosts, dice.random()


class StandbyLost(Fault):
    """The synchronous standby loses its data, and is rebuilt from the primary."""

    name = "lose the data of a standby"
    takes = frozenset({POSTGRES})
    within = A_DATABASE

    def target(self, cluster, dice):
        return cluster.host(cluster.roles()["sync_standby"])

    def begin(self, cluster, target):
        postmaster = target.postmaster()
        target.kill("patroni")
        os.kill(postmaster, signal.SIGKILL)
        eventually(lambda: not os.path.exists(f"/proc/{postmaster}"), 10)
        shutil.rmtree(target.folder / "postgres/data")
        target.start("patroni")


ALL = (NatsStoreLost(), NatsStoresLost(), NatsStoreFlipped(), NatsStoresFlipped(), StandbyLost())
