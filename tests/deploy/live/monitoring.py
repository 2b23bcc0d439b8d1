#!/usr/bin/env python3
"""Debian's Prometheus with the configuration of the compose profile `monitoring`, but for names,
ports and periods: it scrapes both servers, evaluates every rule, and answers every query of the
dashboards."""

import json
import re
import shutil
import sys
import unittest
import urllib.error
import urllib.parse
import urllib.request

from running import ROOT, Process, System, eventually, free_port, program, skip

sys.path.insert(0, str(ROOT / "tests/docs"))

from pages import commands  # noqa: E402

COMPOSE = ROOT / "deploy/compose"


class Monitoring(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = System(servers=1, notifies=1)
        cls.addClassCleanup(cls.system.stop)
        cls.folder = cls.system.folder
        config = (COMPOSE / "prometheus.yml").read_text().replace(": 15s", ": 1s")
        for name, process in (("fechatter_server:7688", cls.system.servers[0]),
                              ("notify_server:7687", cls.system.notifies[0])):
            process.env["FECHATTER_ADMIN__PORT"] = str(free_port())
            assert name in config
            config = config.replace(name, f"127.0.0.1:{process.env['FECHATTER_ADMIN__PORT']}")
        cls.system.start()
        (cls.folder / "prometheus.yml").write_text(config)
        rules = (ROOT / "deploy/prometheus/rules.yml").read_text()
        (cls.folder / "rules.yml").write_text(rules)
        cls.port = free_port()
        cls.process = Process(
            ["prometheus", f"--config.file={cls.folder}/prometheus.yml",
             f"--storage.tsdb.path={cls.folder}/data",
             f"--web.listen-address=127.0.0.1:{cls.port}"], cls.folder / "prometheus.log")
        cls.addClassCleanup(cls.process.kill)
        cls.process.spawn()
        eventually(lambda: cls.process.runs() and cls.ask("targets"))

    @classmethod
    def ask(cls, path, **query):
        """What the API answers; nothing while Prometheus starts."""
        url = f"http://127.0.0.1:{cls.port}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return json.loads(answer.read())["data"]
        except urllib.error.HTTPError as error:
            if error.code == 503:
                return None
            raise AssertionError(f"{query}: {error.read()}") from error
        except OSError:
            return None

    def test_both_servers_are_scraped_under_the_names_of_the_rules(self):
        def up():
            targets = self.ask("targets")["activeTargets"]
            return {target["labels"]["job"] for target in targets if target["health"] == "up"}

        eventually(lambda: up() == {"fechatter_server", "notify_server"})
        series = self.ask("query", query="fechatter_build_info")["result"]
        self.assertEqual(len(series), 2)

    def test_every_rule_is_evaluated_without_an_error(self):
        def rules():
            return [rule for group in self.ask("rules")["groups"] for rule in group["rules"]]

        eventually(lambda: all(rule["health"] != "unknown" for rule in rules()))
        found = rules()
        written = (ROOT / "deploy/prometheus/rules.yml").read_text()
        self.assertEqual(len(found), len(re.findall(r"^ +- (?:alert|record):", written, re.M)))
        self.assertEqual([rule["name"] for rule in found if rule["health"] != "ok"], [])

    def test_every_query_of_the_dashboards_is_answered(self):
        asked = 0
        for path in sorted((ROOT / "deploy/grafana").glob("*.json")):
            for text in re.findall(r'"expr": ("(?:[^"\\]|\\.)*")', path.read_text()):
                asked += 1
                query = json.loads(text).replace("$__rate_interval", "1m")
                self.assertNotIn("$", query)
                self.assertIn("result", self.ask("query", query=query))
        self.assertGreater(asked, 30)

    def test_every_query_of_the_documents_is_answered(self):
        queries = {}
        for page in ("slo", "alerts"):
            for line in commands(ROOT / f"docs/{page}.md"):
                key = page, line.heading
                queries[key] = queries.get(key, "") + line.text
        self.assertGreaterEqual(len(queries), 4)
        for query in queries.values():
            self.assertIn("result", self.ask("query", query=query))


if __name__ == "__main__":
    if not shutil.which("prometheus") and not program("prometheus"):
        skip("tests/deploy/live/monitoring.py",
             "there is no Prometheus; deploy/local/packages test")
    unittest.main(verbosity=2, warnings="ignore")
