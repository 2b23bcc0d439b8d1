"""Clients as they should be: they keep a connection, repeat under their key, and resume."""

import contextlib
import http.client
import json
import socket
import ssl
import threading
import time
import uuid

PASSWORD = "nine blue kettles"


class Door:
    """Where a client connects to: a plain port, or TLS under a name that is at 127.0.0.1."""

    def __init__(self, port, name=None, certificate=None):
        self.port = port
        self.name = name
        self.context = ssl.create_default_context(cafile=certificate) if certificate else None

    def socket(self, timeout, source="127.0.0.1", protocols=None):
        plain = socket.create_connection(("127.0.0.1", self.port), timeout, (source, 0))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self.context:
            return plain
        if protocols:
            context = ssl.create_default_context(cadata=None)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.set_alpn_protocols(protocols)
            return context.wrap_socket(plain, server_hostname=self.name)
        return self.context.wrap_socket(plain, server_hostname=self.name)

    def connection(self, timeout=30, source="127.0.0.1"):
        connection = http.client.HTTPConnection(self.name or "127.0.0.1", self.port,
                                                timeout=timeout)
        connection.sock = self.socket(timeout, source)
        return connection


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)


class Client:
    """Requests over one connection at a time. For one thread."""

    def __init__(self, door, source="127.0.0.1"):
        self.door = door
        self.source = source
        self.connection = None
        self.repeats = 0

    def ask(self, method, path, body=None, headers=None):
        """Over the connection that is there; over another one when that was closed meanwhile, as
        browsers do: a server may close an idle one at any time. `repeats` counts that."""
        reused = self.connection is not None
        try:
            return self.ask_once(method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if not reused or isinstance(error, TimeoutError):
                raise
        self.repeats += 1
        return self.ask_once(method, path, body, headers)

    def ask_once(self, method, path, body, headers):
        if self.connection is None:
            self.connection = self.door.connection(source=self.source)
        sent = dict(headers or {})
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        self.connection.request(method, path, data, sent)
        answer = Answer(self.connection.getresponse())
        if self.connection.sock is None:  # the server has closed it
            self.connection = None
        return answer

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None


class Person:
    """A user that is signed in."""

    def __init__(self, door, name, workspace="acme"):
        self.door = door
        self.client = Client(door)
        self.email = f"{name}@{workspace}.example"
        answer = self.client.ask("POST", "/api/signup", {
            "fullname": name, "email": self.email, "password": PASSWORD, "workspace": workspace})
        if answer.status != 201:
            raise AssertionError(f"sign-up: {answer.status} {answer.body}")
        self.take(answer.json())

    def take(self, tokens):
        self.id = tokens["user"]["id"]
        self.bearer = {"Authorization": f"Bearer {tokens['access_token']}"}

    def signs_in(self, door):
        """At another system, which knows the same user."""
        self.door, self.client = door, Client(door)
        answer = self.client.ask("POST", "/api/signin",
                                 {"email": self.email, "password": PASSWORD})
        if answer.status != 200:
            raise AssertionError(f"sign-in: {answer.status} {answer.body}")
        self.take(answer.json())

    def get(self, path):
        answer = self.client.ask("GET", path, headers=self.bearer)
        if answer.status != 200:
            raise AssertionError(f"{path}: {answer.status} {answer.body}")
        return answer.json()

    def makes_chat(self, members, name="the chat"):
        answer = self.client.ask("POST", "/api/chat", {
            "name": name, "chat_type": "PrivateChannel", "members": members}, self.bearer)
        if answer.status != 201:
            raise AssertionError(f"chat: {answer.status} {answer.body}")
        return answer.json()["id"]

    def posts(self, chat, text, key=None, client=None):
        headers = {**self.bearer, **({"Idempotency-Key": key} if key else {})}
        return (client or self.client).ask(
            "POST", f"/api/chat/{chat}/messages", {"content": text}, headers)

    def history(self, chat):
        """All messages of the chat, oldest first."""
        messages, path = [], f"/api/chat/{chat}/messages?limit=100"
        page = self.get(path)
        while page:
            messages += page
            page = self.get(f"{path}&before={min(m['id'] for m in page)}")
        return sorted(messages, key=lambda m: m["seq"])


class Event:
    def __init__(self, name, position, data):
        self.name = name
        self.id = position
        self.data = data
        self.at = time.monotonic()


class Stream:
    """A stream of events, read by a thread of its own. `resumes`: it connects again, with the id
    that it received last, until it is closed."""

    def __init__(self, person, door=None, cursor=None, resumes=False):
        self.person = person
        self.door = door or person.door
        self.cursor = cursor
        self.events = []
        self.heartbeats = []
        self.connects = 0
        self.error = None
        self.closed = False
        self.response = None
        self.resumes = resumes
        self.began = time.monotonic()
        self.thread = threading.Thread(target=self.follow, daemon=True)
        self.thread.start()

    def follow(self):
        while True:
            try:
                self.read()
            except (OSError, http.client.HTTPException, AssertionError) as error:
                self.error = error
            if self.closed or not self.resumes:
                return
            time.sleep(0.05)

    def read(self):
        connection = self.door.connection(timeout=120)
        headers = {**self.person.bearer, "Accept": "text/event-stream"}
        if self.cursor:
            headers["Last-Event-ID"] = self.cursor
        with contextlib.closing(connection):
            self.socket = connection.sock
            connection.request("GET", "/events", headers=headers)
            response = connection.getresponse()
            if response.status != 200:
                raise AssertionError(f"stream: {response.status} {response.read(500)}")
            self.connects += 1
            self.read_frames(response)

    def read_frames(self, response):
        fields = {}
        while line := response.readline():
            text = line.decode().rstrip("\r\n")
            if text:
                name, _, value = text.partition(":")
                fields[name] = value.removeprefix(" ")
                continue
            self.take(fields)
            fields = {}

    def take(self, fields):
        self.cursor = fields.get("id", self.cursor)
        if "data" not in fields:
            return
        event = Event(fields.get("event"), fields.get("id"), json.loads(fields["data"]))
        (self.events if event.name else self.heartbeats).append(event)

    def named(self, name):
        return [event for event in list(self.events) if event.name == name]

    def texts(self, chat):
        return [event.data["content"] for event in self.named("NewMessage")
                if event.data["chat_id"] == chat]

    def close(self):
        self.closed = True
        with contextlib.suppress(OSError, AttributeError):
            self.socket.shutdown(socket.SHUT_RDWR)


class Senders:
    """Threads that send messages with keys, and repeat none: what fails is counted. `patient`: they
    repeat each under its key until it is accepted, as clients do. However fast the machine is, they
    and Readers together stay below the rate that the gateway allows an address (200/s)."""

    PER_SECOND = 100

    def __init__(self, person, door, chat, threads=4, patient=False):
        self.patient = patient
        each = threads / self.PER_SECOND
        self.accepted, self.failed = [], []
        self.repeats = 0  # of requests whose connection was closed
        self.stopped = threading.Event()
        self.threads = [
            threading.Thread(target=self.send, args=(person, Client(door), chat, n, each),
                             daemon=True)
            for n in range(threads)]
        for thread in self.threads:
            thread.start()

    def send(self, person, client, chat, number, each):
        count = 0
        with contextlib.closing(client):
            while not self.stopped.wait(each):
                count += 1
                self.send_one(person, client, chat, f"{number}.{count}")
            self.repeats += client.repeats

    def send_one(self, person, client, chat, text):
        key = str(uuid.uuid4())
        deadline = time.monotonic() + 60
        while True:
            try:
                answer = person.posts(chat, text, key, client)
                failure = (text, answer.status, answer.body[:200])
            except (OSError, http.client.HTTPException) as error:
                failure = (text, repr(error))
                client.close()
            else:
                # 200: a server had stored it, and another one answers for it.
                if answer.status in (200, 201):
                    self.accepted.append(text)
                    return
            if not self.patient or time.monotonic() > deadline:
                self.failed.append(failure)
                return
            time.sleep(0.1)

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join(60)
        return self
