#!/usr/bin/env python3
"""Each link of a document leads to a file that is there, and to a heading that it has; so do the
runbooks of the alert rules, and the documents that settings, scripts and sources name."""

import re
import subprocess
import unittest

from pages import ROOT, headings, links

TEXTS = re.compile(r"\.(?:cpp|hpp|h|sql|py|sh|ts|tsx|mjs|ya?ml|conf|env|cmake|txt|service|md)$|"
                   r"(?:^|/)[a-zA-Z_]+$")
# Quoted from a time when they had other names.
PAST = ("docs/history/", "CHANGELOG.md")


def tracked():
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, stdout=subprocess.PIPE,
                           text=True).stdout.splitlines()
    return [name for name in names if (ROOT / name).is_file()]


class Links(unittest.TestCase):
    files = tracked()
    pages = {name: ROOT / name for name in files if name.endswith(".md")}

    def leads_somewhere(self, origin, target):
        path, _, anchor = target.partition("#")
        found = (ROOT / origin).parent.joinpath(path).resolve() if path else ROOT / origin
        self.assertTrue(found.is_relative_to(ROOT), f"{origin}: {target} leads out")
        self.assertTrue(found.exists(), f"{origin}: {target}")
        if anchor:
            self.assertIn(anchor, headings(found), f"{origin}: {target}")

    def test_each_link_of_a_document_leads_somewhere(self):
        checked = 0
        for name, page in self.pages.items():
            for target in links(page):
                if re.match(r"[a-z]+:", target):
                    continue
                checked += 1
                with self.subTest(page=name, link=target):
                    self.leads_somewhere(name, target)
        self.assertGreater(checked, 300)

    def test_each_alert_has_its_section(self):
        rules = (ROOT / "deploy/prometheus/rules.yml").read_text()
        found = re.findall(r"runbook_url: (\S+)", rules)
        self.assertEqual(len(found), len(re.findall(r"- alert:", rules)))
        for target in found:
            self.leads_somewhere("README.md", target)

    def test_a_document_that_a_file_names_is_there(self):
        named = 0
        for name in self.files:
            if not TEXTS.search(name) or name.startswith(PAST) or "/corpus/" in name:
                continue
            text = (ROOT / name).read_text(errors="replace")
            for target in re.findall(r"(?<![\w./-])(docs/[\w/-]+\.md)\b", text):
                named += 1
                self.assertTrue((ROOT / target).exists(), f"{name}: {target}")
        self.assertGreater(named, 100)

    def test_operators_find_each_document_in_their_index(self):
        """docs/operations.md begins with it. What is for people that change Fechatter is not in
        it: docs/architecture.md, which has all."""
        index = (ROOT / "docs/operations.md").read_text().split("\n## ")[0]
        for name in ("administration", "alerts", "backup", "files", "gateway", "kubernetes",
                     "metrics", "performance", "search", "security", "slo"):
            self.assertIn(f"({name}.md", index, name)
        self.assertIn("(../UPGRADING.md", index)
        architecture = (ROOT / "docs/architecture.md").read_text()
        for page in (ROOT / "docs").glob("*.md"):
            if page.name != "architecture.md":
                self.assertIn(f"({page.name}", architecture, page.name)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
