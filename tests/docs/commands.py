#!/usr/bin/env python3
"""docs/commands.md says by what each command of the pages for operators is run. Those that only
write files are run here, in a folder that stands in for the machine."""

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from pages import ROOT, code_spans, commands, rows

PAGES = ("operations", "backup", "gateway", "kubernetes", "metrics", "files")
PAGE = ROOT / "docs/commands.md"
HERE = "tests/docs/commands.py"
# Of code blocks: settings, statements of SQL, lines of JSON.
NO_COMMAND = re.compile(r'#|"|CREATE |\w+_password: |(?:[a-z0-9_]+: ?(?:\S.*)?)$')
# What the script that a row names has for it.
DONE_AS = {
    "fechatter_server": r"EachCommandDoesWhatItSays",
    "notify_server": r"serve notify_server",
    "docker compose up": r'"\$\{compose\[@\]\}" up -d',
    "docker compose build": r"build_product",
    "docker compose exec fechatter_server": r"EachCommandDoesWhatItSays",
    "curl http://127.0.0.1:6688/api/signup": r"POST /api/signup",
    "curl -s": r"commands\(PAGE\)",
    'curl -H "Authorization: Bearer $token"': r'ask\("profile\?seconds=3", authorized\)',
    "token=$(cat": r"PROFILE_TOKEN_FILE",
    "google-pprof": r"google-pprof --text",
    "tar": r"tar .*-xzf",
    "cd": r"\bcd ",
    "./setup": r"/setup\" ",
    "./dev release": r"deploy/release\" \"\$build\"",
    "./dev up": r"\./dev up",
    "prometheus": r"promtool check config prometheus.yml",
    "nginx -t": r'"nginx", "-t"',
    "/usr/local/lib/fechatter/backup": r'backup\("base"\)(?:.*\n)*.*backup\("verify"\)',
}


def plain(command):
    """Without the settings before it, and without the comment behind it."""
    command = re.sub(r"^(?:[A-Z_]+=\S* )+", "", command.text.strip())
    return re.sub(r" +# .*", "", command)


class Commands(unittest.TestCase):
    rows = rows(PAGE, "What runs the commands of these pages")
    commands = [plain(command) for name in PAGES for command in commands(ROOT / f"docs/{name}.md")
                if not NO_COMMAND.match(command.text.strip())]

    def prefixes(self):
        return [prefix for row in self.rows for prefix in code_spans(row[0])]

    def row_of(self, command):
        found = [prefix for prefix in self.prefixes() if (command + " ").startswith(prefix + " ")]
        self.assertEqual(len(found), 1, f"{command}: {found}")
        return found[0]

    def test_each_command_is_in_one_row_and_each_row_has_one(self):
        self.assertGreater(len(self.commands), 45)
        used = {self.row_of(command) for command in self.commands}
        self.assertEqual(used, set(self.prefixes()))
        self.assertEqual(len(self.rows), len(self.prefixes()))

    def test_what_a_row_names_runs_the_command(self):
        for what, by in self.rows:
            prefix, = code_spans(what)
            if by.startswith("not run") or HERE in by:
                self.assertNotIn(prefix, DONE_AS)
                continue
            script = code_spans(by)[0]
            self.assertRegex((ROOT / script).read_text(), DONE_AS[prefix], f"{prefix}: {script}")

    def test_what_writes_files_is_run_here(self):
        mine = {code_spans(what)[0] for what, by in self.rows if HERE in by}
        with tempfile.TemporaryDirectory() as folder:
            for made in ("etc/nginx/conf.d", "etc/postgresql/17/main/conf.d", "var/backups"):
                (Path(folder) / made).mkdir(parents=True)
            (Path(folder) / "deploy").symlink_to(ROOT / "deploy")
            ran = set()
            for command in self.commands:
                if self.row_of(command) not in mine:
                    continue
                ran.add(self.row_of(command))
                line = re.sub(r"(?<=[ >])/(?=(?:etc|usr|var)/)", f"{folder}/", command)
                subprocess.run(["bash", "-euc", line.replace(" -o postgres ", " ")], cwd=folder,
                               check=True, stdin=subprocess.DEVNULL)
            self.assertEqual(ran, mine)
            self.are_installed(Path(folder))

    def are_installed(self, folder):
        self.assertEqual((folder / ".env").read_text().splitlines()[0],
                         "COMPOSE_PROFILES=monitoring")
        self.assertIn("FECHATTER_ADMIN_ADDRESS=", (folder / ".env").read_text())
        site = (folder / "etc/nginx/conf.d/fechatter.conf").read_text()
        self.assertIn("server_name chat.acme.example", site)
        self.assertNotIn("chat.example.com", site)
        self.assertTrue(os.access(folder / "usr/local/lib/fechatter/backup", os.X_OK))
        self.assertIn("kind: Secret", (folder / "secrets.yaml").read_text())


if __name__ == "__main__":
    unittest.main(warnings="ignore")
