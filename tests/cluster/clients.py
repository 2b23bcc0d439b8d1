"""Clients outside of the hosts, which go to another host when one is silent, and the check of what
they saw."""

import contextlib
import http.client
import socket
import threading
import time
import uuid

from configuration import PORTS
from people import Client, Door, Stream

ANSWER_WITHIN = 6  # seconds; a client of a silent host goes elsewhere


class Doors(Door):
    """One of the hosts; another one after each failure."""

    def __init__(self, hosts, kind, first=0):
        super().__init__(PORTS[kind])
        self.addresses = [host.address for host in hosts]
        self.turn = first

    def address(self):
        return self.addresses[self.turn % len(self.addresses)]

    def connection(self, timeout=ANSWER_WITHIN, source=None):
        address = self.address()
        try:
            plain = socket.create_connection((address, self.port), 1)
        except OSError:
            self.turn += 1
            raise
        plain.settimeout(min(timeout, ANSWER_WITHIN))
        connection = http.client.HTTPConnection(address, self.port)
        connection.sock = plain
        return connection


class Subscriber(Stream):
    """Resumes with its last id, at the next host."""

    def __init__(self, person, doors):
        super().__init__(person, doors, resumes=True)

    def read(self):
        try:
            super().read()
        finally:
            self.door.turn += 1

    def move(self, turn):
        """Ends the connection; the next one is to this host."""
        self.door.turn = turn - 1
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)


class Post:
    def __init__(self, text):
        self.text = text
        self.began = time.monotonic()
        self.accepted = None
        self.seqs = set()
        self.ids = set()
        self.refusals = []


class Writer:
    """Posts into one chat, one message after the other, each under its key until it is accepted.
    One thread."""

    def __init__(self, person, doors, chat, name, pause=0.05):
        self.person, self.doors, self.chat, self.name, self.pause = person, doors, chat, name, pause
        self.posts = []
        self.broken = []
        self.moves_to = None
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        client = Client(self.doors)
        while not self.ended.wait(self.pause):
            post = Post(f"{self.name} {len(self.posts)}")
            self.posts.append(post)
            key = str(uuid.uuid4())
            if self.moves_to is not None:
                client.close()
                self.doors.turn, self.moves_to = self.moves_to, None
            while not self.accepts(client, post, key) and not self.ended.is_set():
                time.sleep(0.1)
        client.close()

    def accepts(self, client, post, key):
        try:
            answer = client.ask("POST", f"/api/chat/{self.chat}/messages", {"content": post.text},
                                {**self.person.bearer, "Idempotency-Key": key})
        except (OSError, http.client.HTTPException) as error:
            post.refusals.append(type(error).__name__)
            self.doors.turn += 1
            client.close()
            return False
        if answer.status not in (200, 201):
            post.refusals.append(answer.status)
            if answer.status < 500:
                self.broken.append(f"{post.text}: {answer.status} {answer.body}")
            self.doors.turn += 1
            client.close()
            return False
        message = answer.json()
        post.ids.add(message["id"])
        post.seqs.add(message["seq"])
        post.accepted = time.monotonic()
        return True

    def move(self, turn):
        """The next message goes to this host."""
        self.moves_to = turn

    def accepted(self):
        return [post for post in list(self.posts) if post.accepted]

    def accepted_since(self, moment):
        """When the first message was accepted of those that were begun after it, or None."""
        first = None
        for post in reversed(self.posts):
            if post.began <= moment:
                break
            first = post.accepted or first
        return first

    def end(self):
        self.ended.set()
        self.thread.join(60)


class Traffic:
    """Writers in two chats and subscribers to both, spread over the hosts."""

    def __init__(self, hosts, people, writers=4, subscribers=6):
        self.people = people
        self.chats = [people[0].makes_chat([person.id for person in people[1:]], f"chat {n}")
                      for n in range(2)]
        self.subscribers = [
            Subscriber(people[n % len(people)], Doors(hosts, "notify", n))
            for n in range(subscribers)]
        self.writers = [
            Writer(people[n % len(people)], Doors(hosts, "server", n), self.chats[n % 2], f"w{n}")
            for n in range(writers)]

    def spread(self):
        """Clients that left a host do not come back by themselves."""
        for clients in (self.writers, self.subscribers):
            for number, client in enumerate(clients):
                client.move(number)

    def goes_on(self, moment):
        """Whether each writer was answered for a message that it began after the moment, and each
        subscriber got one since."""
        accepted = [writer.accepted_since(moment) for writer in self.writers]
        return None not in accepted and all(
            subscriber.events[-1].at > max(accepted) for subscriber in self.subscribers)

    def what_waits(self, moment):
        """The writers and subscribers for which nothing has happened since the moment."""
        waiting = [f"writer {number}" for number, writer in enumerate(self.writers)
                   if writer.accepted_since(moment) is None]
        waiting += [f"subscriber {number} (at {subscriber.door.address()})"
                    for number, subscriber in enumerate(self.subscribers)
                    if subscriber.events[-1].at <= moment]
        return f"does not go on: {', '.join(waiting)}"

    def pauses(self, moment):
        """The longest pauses since then, in seconds: of a writer, and of a subscriber."""
        written = [[post.accepted for post in writer.accepted()] for writer in self.writers]
        received = [[event.at for event in list(subscriber.events)]
                    for subscriber in self.subscribers]
        return longest_pause(written, moment), longest_pause(received, moment)

    def end(self):
        for writer in self.writers:
            writer.end()

    def violations(self, reader, resets=0, within=30):
        """What does not fit between answers, history and streams; empty: all is well. Each
        subscriber may have got so many Resets."""
        found = [text for writer in self.writers for text in writer.broken]
        for chat in self.chats:
            history = reader.history(chat)
            posts = [post for writer in self.writers if writer.chat == chat
                     for post in writer.posts]
            found += check_history(chat, history, posts)
            texts = [message["content"] for message in history]
            began = {post.text: post.began for post in posts}
            for number, subscriber in enumerate(self.subscribers):
                wait_for_last(subscriber, chat, texts, within)
                found += [f"subscriber {number}: chat {chat}: {text}" for text in
                          check_stream(texts, began, chat, list(subscriber.events))]
        for number, subscriber in enumerate(self.subscribers):
            reasons = [event.data.get("reason") for event in subscriber.named("Reset")]
            if len(reasons) > resets:
                found.append(f"subscriber {number}: Resets: {reasons}")
        return found

    def close(self):
        for subscriber in self.subscribers:
            with contextlib.suppress(OSError):
                subscriber.close()


def longest_pause(series, moment):
    longest = 0
    for times in series:
        later = [moment] + [at for at in times if at > moment]
        longest = max([longest] + [b - a for a, b in zip(later, later[1:])])
    return longest


def check_history(chat, history, posts):
    found = []
    seqs = [message["seq"] for message in history]
    if seqs != list(range(1, len(seqs) + 1)):
        holes = sorted(set(range(1, max(seqs, default=0) + 1)) - set(seqs))
        found.append(f"chat {chat}: seq is not 1..{len(seqs)}: holes {holes[:10]}")
    stored = {}
    for message in history:
        if message["content"] in stored:
            found.append(f"chat {chat}: '{message['content']}' is there twice")
        stored[message["content"]] = message
    sent = {post.text for post in posts}
    found += [f"chat {chat}: '{text}' was never sent" for text in stored if text not in sent]
    for post in posts:
        if not post.accepted:
            continue
        message = stored.get(post.text)
        if message is None:
            found.append(f"chat {chat}: '{post.text}' was accepted, and is lost; {post.refusals}")
        elif post.ids != {message["id"]} or post.seqs != {message["seq"]}:
            found.append(f"chat {chat}: '{post.text}' was answered with another id or seq")
    return found


def wait_for_last(subscriber, chat, texts, within):
    deadline = time.monotonic() + within
    while texts and texts[-1] not in subscriber.texts(chat) and time.monotonic() < deadline:
        time.sleep(0.05)


def check_stream(texts, began, chat, events):
    """The messages of the history, each once, in order. Those that a Reset stands for are missing:
    they were sent before it, and the client gets them by REST."""
    found = []
    got = [event.data["content"] for event in events
           if event.name == "NewMessage" and event.data["chat_id"] == chat]
    if len(set(got)) < len(got):
        found.append(f"twice: {sorted({text for text in got if got.count(text) > 1})[:5]}")
    places = {text: place for place, text in enumerate(texts)}
    last, reset = -1, 0
    for event in events:
        if event.name == "Reset":
            reset = event.at
        elif event.name == "NewMessage" and event.data["chat_id"] == chat:
            place = places.get(event.data["content"], -1)
            missing = [text for text in texts[last + 1:place] if began[text] > reset]
            if missing:
                found.append(f"missing: {missing[:5]}")
            if place <= last:
                found.append(f"out of order: {event.data['content']}")
            last, reset = max(last, place), 0
    if last + 1 < len(texts):
        found.append(f"ends with {last + 1} of {len(texts)} messages")
    return found
