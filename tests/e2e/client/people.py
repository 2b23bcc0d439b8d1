"""Users of the system under test, each with the generated client."""

import itertools
import time
import uuid

import attrs
from fechatter_client import AuthenticatedClient, Client, models
from fechatter_client.api.accounts import sign_up
from fechatter_client.api.chats import create_chat
from fechatter_client.api.messages import send_message
from fechatter_client.types import UNSET

from description import name_of
from stream import Stream

PASSWORD = "nine blue kettles"
# The description leaves the keys of these maps open.
MAPS = (models.SearchFacet,)


def eventually(is_so, seconds=20):
    """Evaluates the condition until it holds, and returns what it returned."""
    deadline = time.monotonic() + seconds
    while not (found := is_so()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {is_so.__name__}")
        time.sleep(0.02)
    return found


def undescribed(value, path=""):
    """The fields of an answer, or of an event, that its generated models do not know."""
    if isinstance(value, list):
        for place, element in enumerate(value):
            yield from undescribed(element, f"{path}[{place}]")
    elif attrs.has(type(value)) and not isinstance(value, MAPS):
        for name in getattr(value, "additional_properties", {}):
            yield f"{path}.{name}"
        for field in attrs.fields(type(value)):
            if field.name != "additional_properties":
                yield from undescribed(getattr(value, field.name), f"{path}.{field.name}")


class Refused(Exception):
    """An answer that is a problem document, where none was expected."""

    def __init__(self, operation, problem):
        super().__init__(f"{operation}: {problem.status} {problem.code.value}: {problem.detail}")
        self.problem = problem


class System:
    """Two servers, and what the description of the first one says."""

    def __init__(self, description, server, notify):
        self.description = description
        self.server = server
        self.notify = notify
        self.called = set()

    def call(self, operation, clients, *arguments, **named):
        """The generated function's answer, with a client of the server that has the operation."""
        name = name_of(operation)
        client = clients[name in self.description.of_notify_server]
        response = operation.sync_detailed(*arguments, client=client, **named)
        self.called.add(name)
        unknown = list(undescribed(response.parsed))
        assert not unknown, f"{name}: the description has no {unknown}"
        return response

    def strangers_clients(self):
        return [Client(base_url=url, raise_on_unexpected_status=True) for url in self.urls()]

    def clients_with(self, token):
        return [
            AuthenticatedClient(base_url=url, token=token, raise_on_unexpected_status=True)
            for url in self.urls()
        ]

    def urls(self):
        return self.server, self.notify


class Workspace:
    """A workspace of its own for an item, so that no item sees another one's people."""

    def __init__(self, system):
        self.system = system
        self.name = uuid.uuid4().hex
        self._numbers = itertools.count(1)

    def signs_up(self, *names):
        people = [self._sign_up(name) for name in names]
        return people if len(people) > 1 else people[0]

    def _sign_up(self, name):
        email = f"{name}{next(self._numbers)}@{self.name}.example"
        request = models.SignUpRequest(
            fullname=name, email=email, password=PASSWORD, workspace=self.name
        )
        response = self.system.call(sign_up, self.system.strangers_clients(), body=request)
        if isinstance(response.parsed, models.Problem):
            raise Refused("sign_up", response.parsed)
        return Person(self.system, response.parsed)


class Person:
    """A signed-in user."""

    def __init__(self, system, signed_in):
        self.system = system
        self.user = signed_in.user
        self.id = signed_in.user.id
        self.clients = system.clients_with(signed_in.access_token)

    def asks(self, operation, *arguments, **named):
        """The whole response."""
        return self.system.call(operation, self.clients, *arguments, **named)

    def does(self, operation, *arguments, **named):
        """What the operation answers; it must not refuse."""
        parsed = self.asks(operation, *arguments, **named).parsed
        if isinstance(parsed, (models.Problem, models.OutdatedDraft)):
            raise Refused(name_of(operation), parsed)
        return parsed

    def is_refused(self, operation, *arguments, **named):
        """The code of the problem that the operation must answer."""
        parsed = self.asks(operation, *arguments, **named).parsed
        assert isinstance(parsed, models.Problem), f"{name_of(operation)} is not refused: {parsed}"
        return parsed.code

    def makes_chat(self, *others, kind=models.ChatType.PRIVATECHANNEL, name="plans"):
        members = [other.id for other in others]
        return self.does(
            create_chat, body=models.ChatDraft(chat_type=kind, name=name, members=members)
        )

    def posts(self, chat, text, **fields):
        return self.does(send_message, chat.id, body=models.MessageDraft(content=text, **fields))

    def subscribes(self, after=UNSET):
        """An open stream of events, read up to its CaughtUp unless it resumes."""
        stream = Stream(self.system, self.clients[1], after)
        if after is UNSET:
            stream.next("CaughtUp")
        return stream
