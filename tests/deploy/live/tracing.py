#!/usr/bin/env python3
"""A collector of OpenTelemetry takes the spans of both servers: each message is one connected trace
from its request to the stream. tests/deploy/collector/build makes the collector."""

import os
import re
import unittest
from pathlib import Path

from people import Door, Person, Stream
from running import ROOT, Process, System, eventually, free_port, listens, skip

COLLECTOR = Path(os.environ.get("FECHATTER_BUILD_DIR", ROOT / "build")) / "collector/collector"
CONFIG = """
receivers: {{otlp: {{protocols: {{http: {{endpoint: "127.0.0.1:{port}"}}}}}}}}
exporters: {{debug: {{verbosity: detailed}}}}
service:
  telemetry: {{metrics: {{level: none}}}}
  pipelines: {{traces: {{receivers: [otlp], exporters: [debug]}}}}
"""
FIELD = re.compile(r"^ +(Trace ID|Parent ID|ID|Name|Status code) +: ?(.*)$")
MESSAGES = 20
STATIONS = {"POST /api/chat/{id}/messages", "append message", "publish NewMessage", "deliver event"}


class Tracing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = System(servers=1, notifies=1)
        cls.addClassCleanup(cls.system.stop)
        port = free_port()
        for process in cls.system.servers + cls.system.notifies:
            process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{port}"
            process.env["OTEL_BSP_SCHEDULE_DELAY"] = "100"
        config = cls.system.folder / "collector.yaml"
        config.write_text(CONFIG.format(port=port))
        cls.collector = Process([COLLECTOR, "--config", config],
                                cls.system.folder / "collector.log")
        cls.addClassCleanup(cls.collector.kill)
        cls.collector.spawn()
        eventually(lambda: listens(port))
        cls.system.start()

    def spans(self):
        """Those that the collector has written down."""
        spans = []
        for line in self.collector.log_path.read_text().splitlines():
            if line.startswith("Span #"):
                spans.append({})
            elif spans and (field := FIELD.match(line)):
                spans[-1].setdefault(field[1], field[2])
        return spans

    def whole_traces(self):
        """Of messages, by the names of their spans: each process exports its own in its own time."""
        traces = {}
        for span in self.spans():
            traces.setdefault(span.get("Trace ID"), {})[span.get("Name")] = span
        return [trace for trace in traces.values() if STATIONS <= trace.keys()]

    def test_each_message_is_one_connected_trace(self):
        door = Door(self.system.servers[0].port)
        alice, bob = Person(door, "alice"), Person(door, "bob")
        chat = alice.makes_chat([bob.id])
        stream = Stream(bob, Door(self.system.notifies[0].port))
        self.addCleanup(stream.close)
        eventually(lambda: stream.named("CaughtUp"))
        for number in range(MESSAGES):
            self.assertEqual(alice.posts(chat, f"message {number}").status, 201)
        eventually(lambda: len(stream.texts(chat)) == MESSAGES)
        eventually(lambda: len(self.whole_traces()) >= MESSAGES)
        whole = self.whole_traces()
        self.assertEqual(len(whole), MESSAGES)
        for trace in whole:
            request = trace["POST /api/chat/{id}/messages"]
            self.assertEqual(request["Parent ID"], "")
            for name in ("append message", "publish NewMessage"):
                self.assertEqual(trace[name]["Parent ID"], request["ID"])
            self.assertEqual(trace["deliver event"]["Parent ID"],
                             trace["publish NewMessage"]["ID"])
        self.assertNotIn("message 1", self.collector.log_path.read_text())


if __name__ == "__main__":
    if not COLLECTOR.exists():
        skip("tests/deploy/live/tracing.py", "there is no collector; tests/deploy/collector/build")
    unittest.main(verbosity=2)
