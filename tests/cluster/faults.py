"""What may happen to hosts and their processes, and for how many seconds writing and delivery may
pause."""

import os
import signal
import time

from running import eventually

A_PROCESS = 3
A_STREAM_LEADER = 15  # NATS waits for 4 to 9 s before it elects another one
A_DATABASE = 30
A_HOST = 40  # 20 s until Patroni believes it, then a promotion

SERVER, NOTIFY, ETCD, POSTGRES, NATS = "server", "notify", "etcd", "postgres", "nats"
MAJORITIES = frozenset({ETCD, POSTGRES, NATS})  # what two of three hosts decide together


class Fault:
    """`target` chooses, `begin` does it; after `lasts` seconds writing and delivery must go on, if
    it does not stop them; then `end` heals it, and they must go on again. Times are in seconds."""

    name = ""
    takes = MAJORITIES | {SERVER, NOTIFY}  # two faults at a time take nothing in common
    lasts = 0
    within = A_PROCESS  # the longest pause
    stops_writing = False  # until it ends
    by_name_alone = ""  # why
    loses_stream = False  # each subscriber may get a Reset

    def target(self, cluster, dice):
        return dice.choice(cluster.hosts)

    def text(self, target):
        return target.name

    def begin(self, cluster, target):
        raise NotImplementedError

    def end(self, cluster, target):
        pass


class Killed(Fault):
    """kill -9 of one process, which is started again a second later."""

    def __init__(self, process, takes, name=None, within=A_PROCESS):
        self.process = process
        self.takes = frozenset({takes})
        self.name = name or f"kill {process}"
        self.within = within

    def begin(self, cluster, target):
        target.kill(self.process)
        time.sleep(1)
        target.start(self.process)


class StreamLeaderKilled(Killed):
    def __init__(self):
        super().__init__("nats", NATS, "kill the leader of the stream", A_STREAM_LEADER)

    def target(self, cluster, dice):
        return cluster.stream_leader()


class Frozen(Fault):
    """One process stands still, and goes on as if no time had passed. Its peers notice, or wait."""

    freezes = 4  # seconds

    def __init__(self, process, takes, name=None, within=freezes + A_PROCESS):
        self.process = process
        self.takes = frozenset({takes})
        self.name = name or f"freeze {process}"
        self.within = within

    def begin(self, cluster, target):
        target.processes[self.process].child.send_signal(signal.SIGSTOP)
        time.sleep(self.freezes)
        target.processes[self.process].child.send_signal(signal.SIGCONT)


class RelayFrozen(Frozen):
    """Its lease has another holder when it goes on."""

    def __init__(self):
        super().__init__("fechatter_server", SERVER, "freeze the server that publishes")

    def target(self, cluster, dice):
        return cluster.relay()


class StreamLeaderFrozen(Frozen):
    def __init__(self):
        super().__init__("nats", NATS, "freeze the leader of the stream", A_STREAM_LEADER)

    def target(self, cluster, dice):
        return cluster.stream_leader()


class PostgresKilled(Fault):
    """The processes of the primary, without Patroni, which decides what comes next."""

    name = "kill postgres of the primary"
    takes = frozenset({POSTGRES})
    within = A_DATABASE

    def target(self, cluster, dice):
        return cluster.primary()

    def begin(self, cluster, target):
        os.kill(target.postmaster(), signal.SIGKILL)


class SwitchedOver(Fault):
    name = "switch over"
    takes = frozenset({POSTGRES})
    within = A_DATABASE

    def target(self, cluster, dice):
        return cluster.primary()

    def begin(self, cluster, target):
        status, text = cluster.switch_over()
        if status != 200:
            raise AssertionError(f"switchover: {status} {text}")


class HostKilled(Fault):
    """Silent at once, as in a power failure; it comes back when the others have recovered."""

    name = "a host dies"
    within = A_HOST

    def begin(self, cluster, target):
        target.die()

    def end(self, cluster, target):
        target.come_back()


class PrimaryHostKilled(HostKilled):
    name = "the host of the primary dies"

    def target(self, cluster, dice):
        return cluster.primary()


class HostFrozen(Fault):
    """A host that is not the primary's stands still until the others go on, and continues."""

    name = "the host of a standby stands still"
    within = A_HOST

    def target(self, cluster, dice):
        primary = cluster.primary()
        return dice.choice([host for host in cluster.hosts if host is not primary])

    def begin(self, cluster, target):
        target.freeze()

    def end(self, cluster, target):
        target.thaw()
        time.sleep(3)


class PrimaryHostFrozen(HostFrozen):
    """It goes on as if it were the primary, when another one is. Patroni 3.0 (Debian 12) gives it
    the lock back, and what its successor has acknowledged is lost (docs/cluster.md)."""

    name = "the host of the primary stands still: two primaries for a moment"
    by_name_alone = "it needs a watchdog"

    def target(self, cluster, dice):
        return cluster.primary()


class NatsWithoutQuorum(Fault):
    """Two of three are gone: messages are accepted, and their events wait."""

    name = "NATS without a quorum"
    takes = frozenset({NATS, POSTGRES, SERVER, NOTIFY})  # which say so: all are asked for health
    within = A_STREAM_LEADER

    def begin(self, cluster, target):
        gone = [host for host in cluster.hosts if host is not target]
        for host in gone:
            host.kill("nats")
        # The one that is left believes for 10 s that it leads.
        eventually(lambda: all(self.is_degraded(cluster.health(host, kind))
                               for host in cluster.hosts for kind in ("server", "notify")), 30)
        ended = time.monotonic()
        for host in gone:
            host.start("nats")
        return ended

    @staticmethod
    def is_degraded(health):
        return health.get("status") == "degraded" and any(
            service["name"] == "nats" and service["status"] != "healthy"
            for service in health["services"])


ALL = (
    Killed("fechatter_server", SERVER),
    Killed("notify_server", NOTIFY),
    Killed("etcd", ETCD),
    Killed("patroni", POSTGRES, within=A_DATABASE),
    Frozen("notify_server", NOTIFY),
    Frozen("etcd", ETCD),
    Frozen("patroni", POSTGRES),
    RelayFrozen(),
    StreamLeaderKilled(),
    StreamLeaderFrozen(),
    PostgresKilled(),
    SwitchedOver(),
    HostKilled(),
    PrimaryHostKilled(),
    HostFrozen(),
    PrimaryHostFrozen(),
    NatsWithoutQuorum(),
)
