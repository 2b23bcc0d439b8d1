"""A reader of Server-Sent Events that makes the generated models of them.

The generated function for the stream waits for the end of its answer, which does not come: the
reader sends the request that the generated module describes, and reads the answer line by line.
"""

import json
import time

import httpx
from fechatter_client.api.events import stream_events
from fechatter_client.models import ServerSentEvent
from fechatter_client.types import UNSET

SECONDS = 20  # to wait for an event
HEARTBEAT = "heartbeat"


def sse_of(fields):
    """The event of the lines since the last empty one, or none: `retry:` alone is no event."""
    return ServerSentEvent.from_dict(fields) if "data" in fields else None


class Stream:
    """One open stream. Events are taken in any order; those that were passed over stay."""

    def __init__(self, system, client, after=UNSET):
        self._models = system.description.events
        self._waiting = []
        self.cursor = after
        request = stream_events._get_kwargs(last_event_id_header=after)
        self._opened = client.get_httpx_client().stream(**request, timeout=httpx.Timeout(SECONDS))
        self._response = self._opened.__enter__()
        assert self._response.status_code == 200, self._response.read()
        self._lines = self._response.iter_lines()
        system.called.add("stream_events")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._opened.__exit__(None, None, None)

    def next(self, name, where=lambda event: True):
        """The next event of that name for which the condition holds, as its model."""
        deadline = time.monotonic() + SECONDS
        place = 0
        while True:
            while place == len(self._waiting):
                assert time.monotonic() < deadline, f"no {name} within {SECONDS} s"
                self._read_one()
            if self._waiting[place][0] == name and where(self._waiting[place][1]):
                return self._waiting.pop(place)[1]
            place += 1

    def waiting(self, name):
        """The events of that name that were passed over."""
        return [event for other, event in self._waiting if other == name]

    def _read_one(self):
        fields = {}
        for line in self._lines:
            if not line:
                break
            name, _, value = line.partition(":")
            fields[name] = int(value) if name == "retry" else value.removeprefix(" ")
        else:
            raise AssertionError("the stream has ended")
        if sse := sse_of(fields):
            self._take(sse)

    def _take(self, sse):
        data = json.loads(sse.data)
        name = HEARTBEAT if sse.event is UNSET else sse.event.value
        event = self._models[name].from_dict(data)
        # An ephemeral event has no id.
        self.cursor = sse.id or self.cursor
        assert not event.additional_properties, f"{name}: {event.additional_properties}"
        self._waiting.append((name, event))
