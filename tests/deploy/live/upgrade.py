#!/usr/bin/env python3
"""UPGRADING.md, from its beginning to its end, under load: from this release to one that has a
migration and a function more, and back. No request fails and no event is lost; the page's commands
of `fechatter_server` and `curl` do what it says."""

import json
import os
import re
import shutil
import subprocess
import sys
import unittest

from rolling import Rolling
from running import PATH, ROOT, binary, free_port, program, skip

sys.path.insert(0, str(ROOT / "tests/docs"))

from pages import commands  # noqa: E402

PAGE = ROOT / "UPGRADING.md"
MIGRATION = "CREATE TABLE rehearsals (id bigint PRIMARY KEY);\n"
FUNCTION = """
CREATE OR REPLACE FUNCTION rehearse(in_id bigint) RETURNS bigint LANGUAGE sql
AS $$ INSERT INTO rehearsals (id) VALUES (in_id) RETURNING id $$;
"""


class Upgrade(Rolling):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = cls.system.folder
        cls.former = cls.release("former")
        cls.newer = cls.release("newer")
        migrations = cls.newer / "migrations"
        number = 1 + len(list(migrations.glob("[0-9]*.sql")))
        cls.migration = f"{number:04}_rehearsals.sql"
        (migrations / cls.migration).write_text(MIGRATION)
        with open(migrations / "functions/reads.sql", "a", encoding="utf-8") as functions:
            functions.write(FUNCTION)
        cls.number = int((migrations / "release").read_text()) + 1
        (migrations / "release").write_text(f"{cls.number}\n")
        cls.install_commands()

    @classmethod
    def prepare(cls, system):
        """Listeners for operators at known ports."""
        cls.ports = {}
        for process, place in ((system.servers[0], 7688), (system.notifies[0], 7687)):
            cls.ports[place] = free_port()
            process.env["FECHATTER_ADMIN__PORT"] = str(cls.ports[place])
        cls.ports[6688], cls.ports[6687] = system.servers[0].port, system.notifies[0].port

    @classmethod
    def release(cls, name):
        """A folder as an installation has it."""
        folder = cls.folder / name
        folder.mkdir()
        shutil.copytree(ROOT / "migrations", folder / "migrations")
        (folder / "config").symlink_to(ROOT / "config")
        return folder

    @classmethod
    def install_commands(cls):
        cls.bin = cls.folder / "bin"
        cls.bin.mkdir()
        for name in ("fechatter_server", "fechatter"):
            (cls.bin / name).symlink_to(binary("FECHATTER_SERVER_BINARY"))

    def command(self, release, line):
        """As the operator's command runs it: with the owner's rights."""
        line = re.sub(r"127\.0\.0\.1:(\d+)",
                      lambda match: f"127.0.0.1:{self.ports[int(match.group(1))]}", line)
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", line], cwd=release, text=True, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
            env={**os.environ, **self.system.server_env(), "PATH": f"{self.bin}:{PATH}",
                 "FECHATTER_DATABASE__MIGRATION_URL": self.system.url("owner_url"),
                 "FECHATTER_DATABASE__MIGRATIONS": str(release / "migrations")})

    def says(self, release, line, code=0):
        done = self.command(release, line)
        self.assertEqual(done.returncode, code, f"{line}\n{done.stdout}{done.stderr}")
        return done.stdout

    def doctor(self, release, line):
        """All that is bad is that a database of a test may lose what it stored."""
        checks = json.loads(self.command(release, f"{line} --json").stdout)["checks"]
        bad = [check["check"] for check in checks if check["state"] in ("bad", "unreachable")]
        self.assertLessEqual(set(bad), {"postgres.fsync", "postgres.full_page_writes"}, checks)
        self.assertIn("postgres.schema", [check["check"] for check in checks])
        return ""

    def section(self, heading, release):
        """Runs what the page has below that heading. The output of each command, by its text."""
        outputs = {}
        for command in commands(PAGE):
            text = command.text.replace("kubectl -n fechatter ", "kubectl ")  # a namespace
            found = re.fullmatch(r"(?:.* )?((?:fechatter|fechatter_server|curl) .*)", text)
            if command.heading == heading and found:
                line = found.group(1)
                run = self.doctor if line.endswith(" doctor") else self.says
                outputs[line] = run(release, line)
        self.assertTrue(outputs, heading)
        return outputs

    def use(self, processes, release):
        for process in processes:
            if process in self.system.servers:
                process.env["FECHATTER_DATABASE__MIGRATIONS"] = str(release / "migrations")
            self.restart(process)

    def migrate(self):
        said = self.section("The schema", self.newer)
        plan = said["fechatter_server migrate plan"]
        self.assertIn(self.migration, plan)
        self.assertIn(f"definitions of release {self.number}", plan)
        self.assertIn("requests wait", plan)
        self.assertRegex(said["fechatter_server migrate status"], rf"{self.migration} +applied")
        self.assertIn("is what the files say", said["fechatter_server migrate verify"])

    def former_programs_leave_the_schema_alone(self):
        status = self.section("Going back", self.former)["fechatter_server migrate status"]
        self.assertRegex(status, rf"{self.migration} +unknown")
        self.assertIn(f"release {self.number} in the database", status)
        applied = json.loads(self.says(self.former, "fechatter_server migrate --json"))["applied"]
        self.assertEqual(applied, [])
        differences = self.says(self.former, "fechatter_server migrate verify", code=1)
        self.assertEqual(sorted(differences.splitlines()),
                         [f"definitions of a newer release, {self.number}",
                          f"unknown migration {self.migration}"])
        self.doctor(self.former, "fechatter_server doctor")
        self.assertIn("is what the files say", self.says(self.newer, "fechatter migrate verify"))

    def test_the_page(self):
        servers, notifies = self.system.servers, self.system.notifies
        self.load()
        self.section("Before", self.former)
        self.migrate()
        self.go_on()
        self.use(servers[:1], self.former)  # one that is restarted beside the new schema
        self.use(servers, self.newer)
        self.use(notifies, self.newer)
        for way in ("Compose", "One node with systemd", "Kubernetes"):
            self.section(way, self.newer)
        self.metrics_name_everything(self.section("Afterwards", self.newer))
        self.use(notifies, self.former)
        self.use(servers, self.former)
        self.former_programs_leave_the_schema_alone()
        self.end()
        self.assertEqual(self.readers.failed, [])

    def metrics_name_everything(self, said):
        asked = 0
        for line, output in said.items():
            if names := re.search(r"fechatter_\(([a-z_|]+)\)", line):
                for name in names.group(1).split("|"):
                    asked += 1
                    self.assertRegex(output, rf"(?m)^fechatter_{name}\b", line)
        self.assertEqual(asked, 8)


if __name__ == "__main__":
    if not program("nginx"):
        skip("tests/deploy/live/upgrade.py", "there is no nginx; deploy/local/packages test")
    unittest.main(verbosity=2, warnings="ignore")
