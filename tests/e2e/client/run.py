"""Does every item with the generated client: run.py DESCRIPTION SERVER NOTIFY_SERVER

DESCRIPTION is a file, the other two are URLs. The folder of the package `fechatter_client` is in
PYTHONPATH. Prints a line for each item; exits with 1 when one has failed, when the description
names an operation that no function was generated for, or when no item has called an operation.
"""

import pathlib
import sys
import traceback

import items_chats
import items_files
import items_kept
import items_messages
import items_older_names
import items_people
import items_reading
from description import Description
from people import System, Workspace

ITEMS = (
    items_people,
    items_messages,
    items_reading,
    items_kept,
    items_chats,
    items_older_names,
    items_files,
)
# What chats need none of: pages, probes, and what makes a workspace.
OTHER_TAGS = {"Documentation", "Web client", "Health", "Accounts", "Workspace"}
# Clients of the tus protocol know these operations without a description.
OTHER_OPERATIONS = "resumable"


def succeeds(item, system):
    try:
        item(Workspace(system))
    except Exception:
        traceback.print_exc(limit=5, chain=False, file=sys.stdout)
        return False
    return True


def failures(system):
    for module in ITEMS:
        for name, item in vars(module).items():
            if not name.startswith("item_"):
                continue
            label = f"{module.__name__}: {name.removeprefix('item_').replace('_', ' ')}"
            if succeeds(item, system):
                print("done   ", label, flush=True)
            else:
                print("FAILED ", label, flush=True)
                yield label


def main(description_file, server, notify):
    description = Description(pathlib.Path(description_file).read_text(encoding="utf-8"))
    system = System(description, server, notify)
    failed = list(failures(system))
    wanted = description.operations(without_tags=OTHER_TAGS)
    uncalled = {name for name in wanted - system.called if OTHER_OPERATIONS not in name}
    missing = description.missing_functions()
    print(f"{len(system.called)} operations; {len(failed)} items failed")
    if uncalled:
        print("no item has called:", ", ".join(sorted(uncalled)))
    if missing:
        print("no function was generated for:", ", ".join(sorted(missing)))
    return 1 if failed or uncalled or missing else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
