#!/usr/bin/env python3
"""PostgreSQL ends under load, and its standby takes over: another timeline, so another epoch. The
servers have both hosts in their URLs."""

import signal
import unittest

from cluster import Cluster
from people import Door, Person, Senders, Stream
from running import SERVICES, System, eventually, free_port, run


class Pair(System):
    """One server of each kind, with two PostgreSQL, of which the second follows the first."""

    def start_services(self):
        configuration = self.folder / "backup.conf"
        configuration.write_text(f"FECHATTER_BACKUP_FOLDER={self.folder}/backups\n")
        configuration.chmod(0o644)
        self.clusters = []
        for name in ("first", "second"):
            folder = self.folder / name
            folder.mkdir()
            folder.chmod(0o711)
            self.clusters.append(Cluster(folder, free_port(), configuration))
        self.clusters[0].make()
        self.clusters[0].sql("ALTER SYSTEM SET archive_command = '/bin/true'")
        self.clusters[0].sql("SELECT pg_reload_conf()")
        self.clusters[1].follow(self.clusters[0])
        run(SERVICES, "start-nats", self.folder, self.ports["nats"])

    def url(self, name):
        roles = {"database_url": "fechatter_app", "notify_database_url": "fechatter_notify",
                 "owner_url": "fechatter"}
        if name not in roles:
            return super().url(name)
        hosts = ",".join(f"127.0.0.1:{cluster.port}" for cluster in self.clusters)
        password = self.clusters[0].passwords[roles[name]]
        return (f"postgresql://{roles[name]}:{password}@{hosts}/fechatter"
                "?target_session_attrs=read-write&connect_timeout=3")

    def stop_services(self):
        run(SERVICES, "stop-nats", self.folder, "--immediate")
        for cluster in self.clusters:
            cluster.process.end(signal.SIGQUIT)


class Failover(unittest.TestCase):
    def test_a_standby_takes_over_and_clients_lose_nothing(self):
        pair = Pair(servers=1, notifies=1)
        self.addCleanup(pair.stop)
        pair.start()
        door, events = Door(pair.servers[0].port), Door(pair.notifies[0].port)
        alice, bob = Person(door, "alice"), Person(door, "bob")
        chat = alice.makes_chat([bob.id])
        streams = [Stream(bob, events, resumes=True) for _ in range(3)]
        eventually(lambda: all(stream.named("CaughtUp") for stream in streams))
        for stream in streams:
            self.addCleanup(stream.close)
        senders = Senders(alice, door, chat, threads=3, patient=True)
        eventually(lambda: len(senders.accepted) > 30, 60)
        first, second = pair.clusters
        epoch = int(first.sql("SELECT epoch FROM relay_state", "fechatter"))
        first.process.end(signal.SIGQUIT)
        second.promote()
        count = len(senders.accepted)
        eventually(lambda: len(senders.accepted) > count + 30, 60)
        senders.stop()
        self.assertEqual(senders.failed, [])
        stored = [message["content"] for message in alice.history(chat)]
        self.assertCountEqual(stored, senders.accepted)
        for stream in streams:
            eventually(lambda: len(stream.texts(chat)) >= len(stored), 30)
            self.assertEqual(stream.texts(chat), stored)
            self.assertEqual(stream.named("Reset"), [])
        self.assertEqual(int(second.sql("SELECT epoch FROM relay_state", "fechatter")), epoch + 1)
        self.assertRegex(pair.servers[0].log(), "epoch .* raised: ")
        print(f"{len(stored)} messages, none lost, none twice")


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
