#!/usr/bin/env python3
"""Everything is restarted under load, one process after the other, behind the gateway: no request
fails and no event is lost. PostgreSQL is restarted, too: requests get 503 until it is back."""

import unittest

from rolling import Rolling
from running import SERVICES, eventually, program, run, skip


class RollingRestart(Rolling):
    def test_our_processes(self):
        self.load()
        for process in self.system.servers + self.system.notifies:
            self.restart(process)
        self.end()
        self.assertEqual(self.readers.failed, [])

    def test_nats(self):
        self.load()
        run(SERVICES, "stop-nats", self.system.folder)
        self.go_on(100)
        run(SERVICES, "start-nats", self.system.folder, self.system.ports["nats"])
        self.go_on()
        self.end()
        self.assertEqual(self.readers.failed, [])

    def test_postgresql(self):
        self.load(patient=True)
        run(SERVICES, "stop-postgres", self.system.folder)
        eventually(lambda: self.readers.failed)
        run(SERVICES, "start-postgres", self.system.folder, self.system.ports["postgres"], "--fast")
        self.go_on()
        self.end()
        self.assertEqual({failure[0] for failure in self.readers.failed}, {503})


if __name__ == "__main__":
    if not program("nginx"):
        skip("tests/deploy/live/rolling_restart.py", "there is no nginx; deploy/local/packages test")
    unittest.main(verbosity=2, warnings="ignore")
