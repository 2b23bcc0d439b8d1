#!/usr/bin/env python3
"""gateway.py SERVER_PORT NOTIFY_PORT: the gateway of deploy/gateway in front of these two servers.

Prints where it is, as one line of JSON, and ends with its stdin.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "deploy/live"))
from nginx import NAME, Gateway  # noqa: E402

gateway = Gateway([int(sys.argv[1])], [int(sys.argv[2])]).start()
print(json.dumps({"name": NAME, "port": gateway.tls}), flush=True)
sys.stdin.read()
gateway.stop()
