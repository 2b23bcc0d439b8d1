"""Hosts on a bridge: a network namespace each, in which processes are started and killed.

For root, in a network namespace of its own (tests/cluster/run), where the clients are, too.
"""

import contextlib
import os
import signal
import time
from pathlib import Path

from running import Process, run

NETWORK = "10.77.0"
CLIENTS = f"{NETWORK}.1"


def make_bridge(names):
    """Also the names by which hosts and clients know each other."""
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "bridge", "type", "bridge")
    run("ip", "address", "add", f"{CLIENTS}/24", "dev", "bridge")
    run("ip", "link", "set", "bridge", "up")
    hosts = Path(os.environ["FECHATTER_CLUSTER_FOLDER"]) / "hosts"
    hosts.write_text("127.0.0.1 localhost\n" + "".join(
        f"{NETWORK}.{10 + number} {name}\n" for number, name in enumerate(names, 1)))
    hosts.chmod(0o644)
    run("mount", "--bind", hosts, "/etc/hosts")


class Host:
    """Its processes are children of this one, by name; what they start is in its namespace."""

    def __init__(self, name, number, folder):
        self.name = name
        self.address = f"{NETWORK}.{10 + number}"
        self.folder = folder / name
        self.folder.mkdir(mode=0o711)
        self.cable = f"to-{name}"  # its end at the bridge
        self.processes = {}
        run("ip", "netns", "add", name)
        run("ip", "link", "add", self.cable, "type", "veth", "peer", "eth0", "netns", name)
        run("ip", "link", "set", self.cable, "master", "bridge", "up")
        self.within("ip", "address", "add", f"{self.address}/24", "dev", "eth0")
        self.within("ip", "link", "set", "eth0", "up")
        self.within("ip", "link", "set", "lo", "up")

    def add_disk(self, name):
        """A folder with a limit of its own."""
        folder = self.folder / name
        folder.mkdir()
        run("mount", "-t", "tmpfs", "-o", "size=768m,mode=0700", "tmpfs", folder)
        return folder

    def enter(self, *command):
        return ["nsenter", f"--net=/run/netns/{self.name}", *command]

    def within(self, *command, **options):
        return run(*self.enter(*command), **options)

    def add(self, name, command, env=None):
        self.processes[name] = Process(self.enter(*command), self.folder / f"{name}.log", env)

    def start(self, *names):
        for name in names or self.processes:
            if not self.processes[name].runs():
                self.processes[name].spawn()

    def kill(self, name):
        """The one process, as by kill -9."""
        self.processes[name].kill()

    def postmaster(self):
        return int((self.folder / "postgres/data/postmaster.pid").read_text().split()[0])

    def pids(self):
        return [int(pid) for pid in run("ip", "netns", "pids", self.name).split()]

    def signal(self, number):
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def die(self):
        """As in a power failure: silent at once, without a word to its peers."""
        self.unplug()
        while self.pids():
            self.signal(signal.SIGKILL)
            time.sleep(0.05)
        for process in self.processes.values():
            process.kill()

    def come_back(self):
        self.plug_in()
        self.start()

    def freeze(self):
        """As a machine that is suspended; thaw() continues as if no time had passed."""
        self.unplug()
        self.signal(signal.SIGSTOP)

    def thaw(self):
        self.plug_in()
        self.signal(signal.SIGCONT)

    def unplug(self):
        run("ip", "link", "set", self.cable, "down")

    def plug_in(self):
        run("ip", "link", "set", self.cable, "up")

    def logs(self):
        return sorted(self.folder.glob("*.log"))
