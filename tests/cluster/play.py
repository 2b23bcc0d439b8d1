#!/usr/bin/env python3
"""./dev cluster: three hosts to play with, until they are ended; `play.py NATS`.

Lines of the standard input are commands; an empty one shows how the hosts are.
"""

import sys

from configuration import PORTS
from three_hosts import ThreeHosts

HELP = """commands: kill HOST PROCESS   kill -9; start HOST [PROCESS] starts it again
          die HOST            the whole host, silent at once; back HOST brings it back
          freeze HOST         it stands still; thaw HOST lets it go on
          switch              the synchronous standby becomes the primary
          (empty)             how the hosts are
          quit"""


def show(cluster):
    roles = {name: role for role, name in cluster.roles().items()}
    leader = cluster.stream().get("cluster", {}).get("leader", "none")
    for host in cluster.hosts:
        running = [name for name, process in host.processes.items() if process.runs()]
        health = [cluster.health(host, kind).get("status", "silent")
                  for kind in ("server", "notify")]
        print(f"{host.name} {host.address}: postgres {roles.get(host.name, '-')},"
              f"{' leader of the stream,' if leader == host.name else ''}"
              f" health {'/'.join(health)}; runs: {' '.join(running)}")
    print(cluster.find_unwell() or "all is well")


def obey(cluster, words):
    command, *arguments = words
    if command == "switch":
        print(*cluster.switch_over())
        return
    host = cluster.host(arguments[0])
    if command == "kill":
        host.kill(arguments[1])
    elif command == "start":
        host.start(*arguments[1:])
    else:
        {"die": host.die, "back": host.come_back, "freeze": host.freeze,
         "thaw": host.thaw}[command]()


def main():
    cluster = ThreeHosts(sys.argv[1]).start()
    print(f"The API is at port {PORTS['server']}, the streams at {PORTS['notify']}, of each host.\n"
          "From another terminal: nsenter --net --mount -t $(pgrep -of cluster/play.py) bash,\n"
          f"there: curl http://host1:{PORTS['server']}/health; logs: {cluster.folder}/*/*.log\n"
          + HELP)
    show(cluster)
    for line in sys.stdin:
        words = line.split()
        if words[:1] == ["quit"]:
            break
        try:
            if words:
                obey(cluster, words)
            else:
                show(cluster)
        except (IndexError, KeyError, StopIteration):
            print(HELP)
        except (RuntimeError, OSError) as error:
            print(error)


if __name__ == "__main__":
    main()
