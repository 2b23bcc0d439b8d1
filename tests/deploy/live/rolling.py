"""A system behind the gateway, under load, whose processes are restarted one after the other. For
the tests of this folder that derive from Rolling."""

import http.client
import threading
import unittest

from nginx import NAME, Gateway
from people import Client, Door, Person, Senders, Stream
from running import System, eventually


class Readers:
    """Threads that read a chat; what is not 200 is kept. The rate is limited as that of Senders."""

    PER_SECOND = 50

    def __init__(self, person, door, chat, threads=2):
        self.done, self.failed = 0, []
        self.stopped = threading.Event()
        each = threads / self.PER_SECOND
        self.threads = [threading.Thread(target=self.read, daemon=True,
                                         args=(Client(door), person.bearer, chat, each))
                        for _ in range(threads)]
        for thread in self.threads:
            thread.start()

    def read(self, client, bearer, chat, each):
        while not self.stopped.wait(each):
            try:
                answer = client.ask("GET", f"/api/chat/{chat}/messages?limit=10", headers=bearer)
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(repr(error))
                client.close()
                continue
            self.done += 1
            if answer.status != 200:
                self.failed.append((answer.status, answer.body[:200]))
        client.close()

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join(60)
        return self


class Rolling(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = System()
        cls.addClassCleanup(cls.system.stop)
        cls.prepare(cls.system)
        cls.system.start()
        cls.gateway = Gateway([server.port for server in cls.system.servers],
                              [server.port for server in cls.system.notifies]).start()
        cls.addClassCleanup(cls.gateway.stop)
        cls.door = Door(cls.gateway.tls, NAME, str(cls.gateway.certificate))
        cls.alice, cls.bob = Person(cls.door, "alice"), Person(cls.door, "bob")

    @classmethod
    def prepare(cls, system):
        """What a test changes before the servers start."""

    def setUp(self):
        self.chat = self.alice.makes_chat([self.bob.id])
        self.streams = [Stream(self.bob, self.door, resumes=True) for _ in range(4)]
        for stream in self.streams:
            self.addCleanup(stream.close)
        eventually(lambda: all(stream.named("CaughtUp") for stream in self.streams))

    def load(self, patient=False):
        self.senders = Senders(self.alice, self.door, self.chat, threads=3, patient=patient)
        self.readers = Readers(self.alice, self.door, self.chat)
        self.go_on()

    def go_on(self, messages=30):
        count = len(self.senders.accepted)
        eventually(lambda: len(self.senders.accepted) > count + messages, 60)

    def restart(self, process):
        """As a service manager does; the next one follows when the gateway uses it again."""
        self.assertEqual(process.end(), 0)
        self.go_on()
        before = len(self.gateway.log())
        process.start()
        served = f'"server":"127.0.0.1:{process.port}"'
        if process in self.system.servers:
            eventually(lambda: served in self.gateway.log()[before:])
        self.go_on()

    def end(self):
        self.senders.stop()
        self.readers.stop()
        self.assertEqual(self.senders.failed, [])
        stored = [message["content"] for message in self.alice.history(self.chat)]
        self.assertCountEqual(stored, self.senders.accepted)
        for stream in self.streams:
            eventually(lambda: len(stream.texts(self.chat)) >= len(stored))
            self.assertEqual(stream.texts(self.chat), stored)
            self.assertEqual(stream.named("Reset"), [])
        print(f"{len(stored)} messages, {self.readers.done} reads")
