#!/usr/bin/env python3
"""UPGRADING.md: its table says of each command by what it is run, and what is not run names only
what exists. tests/deploy/live/upgrade.py runs those of fechatter_server."""

import re
import shlex
import sys
import unittest

import yaml

from pages import ROOT, code_spans, commands, rows

sys.path.insert(0, str(ROOT / "tests/deploy/kubernetes"))

from overlay import OVERLAYS, Overlay  # noqa: E402

PAGE = ROOT / "UPGRADING.md"
TABLE = "What runs these commands"
# What the script that the row names has for it.
DONE_AS = {
    "fechatter_server": r"commands\(PAGE\)",
    "fechatter": r"commands\(PAGE\)",
    "curl": r"commands\(PAGE\)",
    "./dev up": r"\./dev up",
    "./dev status": r"\./dev status",
    "docker compose build": r"build_product",
    "docker compose up": r'"\$\{compose\[@\]\}" up -d',
    "docker compose logs": r'"\$\{compose\[@\]\}" logs',
    "docker compose restart": r'"\$\{compose\[@\]\}" restart',
    "sha256sum --check": r"sha256sum .*--check",
    "tar -xzf": r"tar .*-xzf",
    "cd": r"\bcd ",
    "./setup": r'/setup" .*(?:\n.*)*run_setup </dev/null',
}


def begins(command, prefix):
    return (command + " ").startswith(prefix + " ")


class UpgradingPage(unittest.TestCase):
    commands = [command.text for command in commands(PAGE)]
    rows = rows(PAGE, TABLE)

    def starting(self, prefix):
        found = [shlex.split(command) for command in self.commands if begins(command, prefix)]
        self.assertTrue(found, prefix)
        return found

    def test_each_command_is_in_one_row_and_each_row_has_one(self):
        prefixes = [prefix for row in self.rows for prefix in code_spans(row[0])]
        self.assertEqual(len(prefixes), len(set(prefixes)))
        for command in self.commands:
            found = [prefix for prefix in prefixes if begins(command, prefix)]
            self.assertEqual(len(found), 1, f"{command}: {found}")
        for prefix in prefixes:
            self.starting(prefix)

    def test_what_a_row_names_runs_the_command(self):
        for what, by in self.rows:
            if by.startswith("not run"):
                continue
            script = (ROOT / code_spans(by)[0]).read_text()
            for prefix in code_spans(what):
                self.assertRegex(script, DONE_AS[prefix], prefix)

    def test_what_is_run_in_compose_is_run_in_its_services(self):
        services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
        for verb in ("run", "exec", "logs", "restart"):
            for parts in self.starting(f"docker compose {verb}"):
                name, *inner = [part for part in parts[3:] if part != "--rm"]
                self.assertIn(name, services)
                if inner:
                    self.assertEqual(inner[:3], services[name]["command"][:3])
        for parts in self.starting("docker tag"):
            self.assertEqual(parts[2], services["init"]["image"])

    def test_units_are_those_of_the_archive(self):
        for parts in self.starting("systemctl"):
            for unit in parts[2:]:
                self.assertTrue((ROOT / f"deploy/systemd/{unit}.service").exists(), unit)

    def test_options_of_setup_are_its_own(self):
        setup = (ROOT / "deploy/setup").read_text()
        for option in ("--keep-nats", "--no-start"):
            self.assertIn(f"`{option}`", PAGE.read_text())
            self.assertIn(f"    {option})", setup)

    def test_what_kubectl_works_on_is_in_the_overlays(self):
        for overlay in map(Overlay, OVERLAYS):
            made = {f"{item['kind'].lower()}/{item['metadata']['name']}": item
                    for item in overlay.objects}
            for parts in self.starting("kubectl"):
                line = " ".join(parts)
                for name in re.findall(r"(?:job|deployment)[/ ][a-z-]+", line):
                    self.assertIn(name.replace(" ", "/"), made, line)
                for folder in re.findall(r"-k (\S+)", line):
                    self.assertTrue((ROOT / folder / "kustomization.yaml").exists(), folder)
                if "-n" in parts:
                    spaces = {item["metadata"].get("namespace") for item in overlay.objects}
                    self.assertIn(parts[parts.index("-n") + 1], spaces)
            # Inside, a command finds the settings that the container's own command has.
            inner, = [parts for parts in self.starting("kubectl") if "exec" in parts]
            container, = overlay.pods()["fechatter-server"]["spec"]["containers"]
            self.assertEqual(inner[inner.index("--") + 1:][:3], container["command"])

    def test_metrics_to_look_at_exist(self):
        known = (ROOT / "docs/metrics.md").read_text()
        table = " ".join(code_spans(" ".join(row[0] for row in rows(PAGE, "Afterwards"))))
        names = re.findall(r"fechatter_[a-z_]+", table)
        self.assertGreaterEqual(len(names), 6)
        for name in names:
            self.assertTrue(f"`{name}`" in known or f"`{name.removesuffix('_count')}`" in known,
                            name)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
