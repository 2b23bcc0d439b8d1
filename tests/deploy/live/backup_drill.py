#!/usr/bin/env python3
"""A backup is made under load, the machine is lost, and an empty one is restored to a point in time:
deploy/backup, docs/backup.md. Three times: NATS goes on with events that PostgreSQL has lost, NATS is
restored to the same time, NATS is lost as well."""

import hashlib
import os
import shutil
import signal
import time
import unittest
from pathlib import Path

from cluster import BIN, OWNER, Cluster, own
from people import Door, Person, Senders, Stream
from running import ROOT, SERVICES, System, eventually, program, run, skip

BACKUP = ROOT / "deploy/backup/backup"


class Installation(System):
    """One server of each kind, with a PostgreSQL of its own. `store`: the backups. `passwords`: of
    the roles, when the cluster is restored."""

    def __init__(self, store, nats=None, restore_to=None, passwords=None):
        self.store = store
        self.nats_before = nats
        self.restore_to = restore_to
        self.passwords = passwords
        super().__init__(servers=1, notifies=1, server={"FECHATTER_FILES__GRACE_SECONDS": "86400"})

    def start_services(self):
        self.configuration = self.folder / "backup.conf"
        self.configuration.write_text("".join(f"FECHATTER_BACKUP_{name}={value}\n" for name, value in {
            "FOLDER": self.store, "FILES": self.folder / "files", "KEYS": self.keys,
            "PGDATA": self.folder / "postgres/data", "PGBIN": BIN, "OWNER": OWNER or "",
            "CONNECTION": f"'host={self.folder}/postgres port={self.ports['postgres']}"
                          " user=fechatter_backup dbname=postgres'"}.items()))
        self.configuration.chmod(0o644)
        self.cluster = Cluster(self.folder, self.ports["postgres"], self.configuration)
        if self.restore_to:
            self.backup("restore", self.restore_to)
            self.cluster.passwords = self.passwords
            self.cluster.start()
        else:
            self.cluster.make()
        if self.nats_before:
            shutil.copytree(self.nats_before, self.folder / "nats")
        run(SERVICES, "start-nats", self.folder, self.ports["nats"])

    def make_keys(self):
        if not self.restore_to:
            super().make_keys()

    def url(self, name):
        roles = {"database_url": "fechatter_app", "notify_database_url": "fechatter_notify",
                 "owner_url": "fechatter"}
        return self.cluster.url(roles[name]) if name in roles else super().url(name)

    def backup(self, *command):
        return run(BACKUP, *command, env={"FECHATTER_BACKUP_CONFIG": str(self.configuration)})

    def door(self):
        return Door(self.servers[0].port)

    def events(self):
        return Door(self.notifies[0].port)

    def copy_nats(self, to):
        """The store as it is now."""
        run(SERVICES, "stop-nats", self.folder)
        shutil.copytree(self.folder / "nats", to)
        run(SERVICES, "start-nats", self.folder, self.ports["nats"])

    def relay_state(self, column):
        return self.cluster.sql(f"SELECT {column} FROM relay_state", "fechatter")

    def is_published(self):
        return self.cluster.sql(
            "SELECT count(*) FROM outbox WHERE stream_seq IS NULL", "fechatter") == "0"

    def lose(self):
        """As when its power and its disk fail at once."""
        for process in self.notifies + self.servers:
            process.kill()
        run(SERVICES, "stop-nats", self.folder, "--immediate")
        self.cluster.process.end(signal.SIGQUIT)

    def stop_services(self):
        run(SERVICES, "stop-nats", self.folder, "--immediate")
        self.cluster.process.end(signal.SIGQUIT)


def upload(person, content):
    """The path of a file."""
    boundary = "b0undary"
    body = (f"--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n"
            "Content-Type: application/octet-stream\r\n\r\n").encode() + content + \
        f"\r\n--{boundary}--\r\n".encode()
    answer = person.client.ask("POST", "/api/files/single", body, {
        **person.bearer, "Content-Type": f"multipart/form-data; boundary={boundary}"})
    if answer.status not in (200, 201):
        raise AssertionError(f"upload: {answer.status} {answer.body}")
    return answer.json()["url"]


class BackupDrill(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.store = Path(cls.enterClassContext(TemporaryStore()))
        cls.first = Installation(cls.store)
        cls.addClassCleanup(cls.first.stop)
        cls.first.start()
        cls.prepare()

    @classmethod
    def prepare(cls):
        first = cls.first
        cls.alice = Person(first.door(), "alice")
        cls.bob, cls.carol = Person(first.door(), "bob"), Person(first.door(), "carol")
        cls.chat = cls.alice.makes_chat([cls.bob.id, cls.carol.id])
        away, live = Stream(cls.carol, first.events()), Stream(cls.bob, first.events())
        eventually(lambda: away.named("CaughtUp") and live.named("CaughtUp"))
        cls.post("before the base backup")
        eventually(lambda: away.texts(cls.chat))
        away.close()
        # The base backup is made while messages are sent.
        senders = Senders(cls.alice, first.door(), cls.chat, threads=2)
        eventually(lambda: len(senders.accepted) > 20)
        first.backup("base")
        cls.files = {}
        for number in range(2):
            content = os.urandom(200_000)
            cls.files[upload(cls.alice, content)] = hashlib.sha256(content).hexdigest()
        cls.alice.client.ask("POST", f"/api/chat/{cls.chat}/messages",
                             {"content": "with files", "files": list(cls.files)}, cls.alice.bearer)
        eventually(lambda: len(senders.accepted) > 100)
        assert not senders.stop().failed, senders.failed
        first.backup("files")
        first.backup("verify")
        # PostgreSQL archives behind the base backup, which has its own WAL.
        eventually(lambda: "newest WAL: " in first.backup("list"))
        cls.kept = cls.alice.history(cls.chat)
        eventually(first.is_published)
        eventually(lambda: len(live.texts(cls.chat)) == len(cls.kept))
        cls.nats_then = first.folder / "nats_then"
        first.copy_nats(cls.nats_then)
        time.sleep(0.1)  # a time of its own
        cls.then = first.cluster.sql("SELECT clock_timestamp()")
        live.close()
        cls.lose_more()
        cls.cursors = {"carol": away.cursor}

    @classmethod
    def lose_more(cls):
        """What is committed after that time, and seen by clients."""
        first = cls.first
        eventually(lambda: first.notifies[0].answers("/health"))
        live = Stream(cls.bob, first.events(), resumes=True)
        eventually(lambda: live.named("CaughtUp"))
        for number in range(20):
            cls.post(f"lost {number}")
        eventually(lambda: len(live.texts(cls.chat)) >= 20)
        cls.lost_ids = {message["id"] for message in cls.alice.history(cls.chat)
                        if message["content"].startswith("lost")}
        cls.lost_events = {event.data["event_id"] for event in live.named("NewMessage")}
        cls.bobs_cursor = live.cursor
        live.close()
        cls.epoch = int(first.relay_state("epoch"))
        first.cluster.archived()
        first.lose()

    @classmethod
    def post(cls, text):
        answer = cls.alice.posts(cls.chat, text)
        assert answer.status == 201, answer.body

    def test_nats_has_events_that_postgresql_has_lost(self):
        self.drill(self.first.folder / "nats")

    def test_nats_was_restored_with_postgresql(self):
        log = self.drill(self.nats_then)
        self.assertIn("PostgreSQL was restored, or a standby took over", log)

    def test_nats_was_lost_as_well(self):
        self.drill(None)

    def drill(self, nats):
        second = Installation(self.store, nats, self.then, self.first.cluster.passwords)
        self.addCleanup(second.stop)
        second.start()
        for person in (self.alice, self.bob, self.carol):
            person.door = second.door()  # with the tokens of the first machine
            person.client.close()
            person.client.door = second.door()
        self.check_history(second)
        self.check_streams(second)
        self.assertGreater(int(second.relay_state("epoch")), self.epoch)
        return second.servers[0].log()

    def check_history(self, second):
        """All that was committed before that time, and nothing else."""
        self.assertEqual(self.alice.history(self.chat), self.kept)
        for path, digest in self.files.items():
            answer = self.alice.client.ask("GET", path, headers=self.alice.bearer)
            self.assertEqual(answer.status, 200)
            self.assertEqual(hashlib.sha256(answer.body).hexdigest(), digest)
        env = {**second.server_env()}
        self.assertIn("0 missing", run(os.environ["FECHATTER_SERVER_BINARY"], "files", "verify",
                                       env=env))

    def check_streams(self, second):
        """One Reset for each client, wherever it was, then everything, once."""
        cursors = {self.bob: self.bobs_cursor, self.carol: self.cursors["carol"]}
        streams = [Stream(person, second.events(), cursor) for person, cursor in cursors.items()]
        for stream in streams:
            self.addCleanup(stream.close)
            # A stream that NATS has kept is followed until the relay has seen what was lost.
            eventually(lambda: stream.error or self.names(stream)[-2:] == ["Reset", "CaughtUp"])
            self.assertIsNone(stream.error)
            self.assertIn(self.names(stream)[:-2], ([], ["CaughtUp"]))
        answer = self.alice.posts(self.chat, "after the restore")
        self.assertEqual(answer.status, 201)
        self.assertNotIn(answer.json()["id"], self.lost_ids)
        for stream in streams:
            eventually(lambda: stream.texts(self.chat))
            event, = stream.named("NewMessage")
            self.assertEqual(event.data["content"], "after the restore")
            self.assertNotIn(event.data["event_id"], self.lost_events)
            stream.close()
        self.check_resuming(second, streams)

    @staticmethod
    def names(stream):
        return [event.name for event in stream.events]

    def check_resuming(self, second, streams):
        self.assertEqual(self.alice.posts(self.chat, "and goes on").status, 201)
        for former in streams:
            stream = Stream(former.person, second.events(), former.cursor)
            self.addCleanup(stream.close)
            eventually(lambda: stream.named("CaughtUp") and stream.texts(self.chat))
            self.assertEqual(stream.texts(self.chat), ["and goes on"])
            self.assertEqual(stream.named("Reset"), [])


class TemporaryStore:
    """The folder of the backups, as docs/backup.md makes it."""

    def __enter__(self):
        self.path = Path(run("mktemp", "-d", "-t", "fechatter-backup-XXXXXX").strip())
        self.path.chmod(0o711)
        own(self.path / "wal")
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


if __name__ == "__main__":
    if not program("rsync"):
        skip("tests/deploy/live/backup_drill.py", "there is no rsync; deploy/local/packages test")
    unittest.main(verbosity=2, warnings="ignore")
