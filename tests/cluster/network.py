"""What nftables and tc do to the packets between hosts.

All rules are for packets that arrive, at one of the two ends of a host's cable: what a kernel drops
of its own it reports to the program that sent it, and what is lost on the way it does not.
"""

from running import run


def filter_sent(host, table, rule):
    """For what the host sends; a rule of nftables. A table is one host's, and has one rule."""
    run("nft", chain(host, table, host.cable, rule))


def filter_received(host, table, rule):
    host.within("nft", chain(host, table, "eth0", rule))


def chain(host, table, device, rule):
    return (f"table netdev {table}_{host.name} {{ chain arriving {{ type filter hook ingress "
            f'device "{device}" priority 0; {rule}; }}; }}')


def pass_sent(host, table):
    run("nft", f"delete table netdev {table}_{host.name}")


def pass_received(host, table):
    host.within("nft", f"delete table netdev {table}_{host.name}")


def limit_rate(host, rate):
    """What waits for longer than 0.4 s is dropped, in each direction."""
    shape = ("root", "tbf", "rate", rate, "burst", "32kb", "latency", "400ms")
    run("tc", "qdisc", "add", "dev", host.cable, *shape)
    host.within("tc", "qdisc", "add", "dev", "eth0", *shape)


def lift_rate(host):
    run("tc", "qdisc", "del", "dev", host.cable, "root")
    host.within("tc", "qdisc", "del", "dev", "eth0", "root")
