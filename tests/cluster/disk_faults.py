"""Faults of disks: full, slow, failing."""

import contextlib
import os

from faults import A_DATABASE, A_STREAM_LEADER, NATS, POSTGRES, Fault

DELAY = "delay_enter=200000"  # us


class FullDisk(Fault):
    """To the last page."""

    lasts = 10

    def __init__(self, disk, takes):
        self.disk = disk
        self.takes = frozenset({takes})

    def ballast(self, target):
        return target.folder / self.disk / "ballast"

    def begin(self, cluster, target):
        with self.ballast(target).open("wb", buffering=0) as file:
            for size in (2**20, 4096):
                with contextlib.suppress(OSError):
                    while file.write(bytes(size)):
                        pass
        if os.statvfs(target.folder / self.disk).f_bavail:
            raise AssertionError("there is room left")

    def end(self, cluster, target):
        self.ballast(target).unlink()


class FullPrimary(FullDisk):
    """What cannot be stored is refused, until there is room again."""

    name = "a full disk of the primary"
    within = A_DATABASE
    stops_writing = True

    def __init__(self):
        super().__init__("postgres", POSTGRES)

    def target(self, cluster, dice):
        return cluster.primary()


class FullStreamLeader(FullDisk):
    """Its JetStream gives up until it is started again, by an operator."""

    name = "a full disk of the leader of the stream"
    within = A_STREAM_LEADER

    def __init__(self):
        super().__init__("nats", NATS)

    def target(self, cluster, dice):
        return cluster.stream_leader()

    def end(self, cluster, target):
        super().end(cluster, target)
        target.kill("nats")
        target.start("nats")


class InjectedDisk(Fault):
    """strace stands between a program and its disk."""

    inject = ""  # what becomes of fsync and fdatasync
    lasts = 10

    def pids(self, target):
        raise NotImplementedError

    def begin(self, cluster, target):
        pids = ",".join(map(str, self.pids(target)))
        target.add("disk", ["strace", "-f", "-qq", "-o", target.folder / "disk.log", "-p", pids,
                            "-e", "trace=fsync,fdatasync",
                            "-e", f"inject=fsync,fdatasync:{self.inject}"])
        target.start("disk")

    def end(self, cluster, target):
        target.processes.pop("disk").end()
        calls = (target.folder / "disk.log").read_text()
        if "(INJECTED)" not in calls and "(DELAYED)" not in calls:
            raise AssertionError(f"strace has changed nothing: {calls[-1000:]}")


class InjectedPrimary(InjectedDisk):
    takes = frozenset({POSTGRES})

    def target(self, cluster, dice):
        return cluster.primary()

    def pids(self, target):
        return postgres(target)


class SlowPrimary(InjectedPrimary):
    name = "a slow disk of the primary"
    inject = DELAY


class SlowStreamLeader(InjectedDisk):
    name = "a slow disk of the leader of the stream"
    inject = DELAY
    takes = frozenset({NATS})
    within = A_STREAM_LEADER

    def target(self, cluster, dice):
        return cluster.stream_leader()

    def pids(self, target):
        return [target.processes["nats"].child.pid]


class FailingPrimary(InjectedPrimary):
    """PostgreSQL panics, as it has to: the kernel has forgotten what it could not write."""

    name = "a failing disk of the primary"
    inject = "error=EIO"
    within = A_DATABASE


class FailingStandby(FailingPrimary):
    name = "a failing disk of the synchronous standby"

    def target(self, cluster, dice):
        return cluster.host(cluster.roles()["sync_standby"])


def postgres(host):
    """The postmaster and its children; strace follows those that come."""
    postmaster = host.postmaster()
    children = [pid for pid in host.pids() if parent(pid) == postmaster]
    return [postmaster, *children]


def parent(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return int(file.read().rpartition(")")[2].split()[1])
    except FileNotFoundError:  # it has ended
        return 0


ALL = (FullPrimary(), FullStreamLeader(), SlowPrimary(), SlowStreamLeader(), FailingPrimary(),
       FailingStandby())
