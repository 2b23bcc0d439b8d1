"""Documents as the tests of this folder read them: headings, links, commands, tables."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]


class Command(NamedTuple):
    heading: str
    text: str


def commands(page):
    """Those of the code blocks (four spaces after an empty line), with their continued lines."""
    found, heading, inside, before = [], "", False, ""
    for line in page.read_text().splitlines():
        if match := re.match(r"#+ (.*)", line):
            heading = match.group(1)
        is_code = line.startswith("    ") and (inside or not before)
        if is_code and inside and found[-1].text.endswith("\\"):
            found[-1] = Command(heading, found[-1].text[:-1] + line.strip())
        elif is_code:
            found.append(Command(heading, line[4:]))
        inside, before = is_code, line
    return found


def rows(page, heading):
    """The cells of the rows of the table below that heading, without its head."""
    text = re.split(rf"^#+ {re.escape(heading)}$", page.read_text(), flags=re.M)[1]
    text = re.split(r"^#+ ", text, flags=re.M)[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def code_spans(text):
    return re.findall(r"`([^`]+)`", text)


def prose_of(page):
    """Without its code: neither blocks nor spans have links or headings."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)
    text = re.sub(r"(?m)^    .*$", "", text)
    return text


def links(page):
    text = re.sub(r"`[^`\n]*`", "``", prose_of(page))
    return re.findall(r"\]\(([^)\s]+)\)", text)


def headings(page):
    """The anchors of the headings, as GitHub makes them."""
    found = []
    for heading in re.findall(r"(?m)^#+ (.*)$", prose_of(page)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        anchor = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        same = sum(1 for other in found if re.sub(r"-\d+$", "", other) == anchor)
        found.append(f"{anchor}-{same}" if same else anchor)
    return found
