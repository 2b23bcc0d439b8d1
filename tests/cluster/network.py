"""What nftables and tc do to the packets between hosts.

Rules of nftables are for packets that arrive, at an end of a cable: what a kernel drops of its own
it reports to the program that sent it, and what is lost on the way it does not.
"""

from running import run


def drop_sent(host, table, match=""):
    """Of what the host sends; `match` is of nftables. A table is one host's, and has one rule."""
    run("nft", rule(host, table, host.cable, match))


def drop_received(host, table, match=""):
    host.within("nft", rule(host, table, "eth0", match))


def rule(host, table, device, match):
    return (f"table netdev {table}_{host.name} {{ chain arriving {{ type filter hook ingress "
            f'device "{device}" priority 0; {match} counter drop; }}; }}')


def pass_sent(host, table):
    lift(run, host, table)


def pass_received(host, table):
    lift(host.within, host, table)


def lift(command, host, table):
    counted = command("nft", "list", "table", "netdev", f"{table}_{host.name}")
    command("nft", "delete", "table", "netdev", f"{table}_{host.name}")
    if "packets 0 " in counted:
        raise AssertionError(f"nothing was dropped: {counted}")


def limit_rate(host, rate):
    """What waits for longer than 0.4 s is dropped, in each direction."""
    shape = ("root", "tbf", "rate", rate, "burst", "32kb", "latency", "400ms")
    run("tc", "qdisc", "add", "dev", host.cable, *shape)
    host.within("tc", "qdisc", "add", "dev", "eth0", *shape)


def lift_rate(host):
    run("tc", "qdisc", "del", "dev", host.cable, "root")
    host.within("tc", "qdisc", "del", "dev", "eth0", "root")
