"""Faults of the network between hosts whose processes all run."""

import network
from faults import A_DATABASE, A_HOST, MAJORITIES, Fault


class Cut(Fault):
    """Two hosts do not reach each other; the third one and the clients reach both."""

    name = "cut two hosts from each other"
    takes = MAJORITIES
    lasts = 15
    within = A_HOST
    both_ways = True

    def target(self, cluster, dice):
        return dice.sample(cluster.hosts, 2)

    def text(self, target):
        return f" {'and' if self.both_ways else 'to'} ".join(host.name for host in target)

    def ways(self, target):
        return [target, target[::-1]] if self.both_ways else [target]

    def begin(self, cluster, target):
        for sender, receiver in self.ways(target):
            network.drop_sent(sender, "cut", f"ip daddr {receiver.address}")

    def end(self, cluster, target):
        for sender, _ in self.ways(target):
            network.pass_sent(sender, "cut")


class OneWayCut(Cut):
    """What one sends to the other is lost, and not what the other sends to it."""

    name = "cut one host off from what another one sends"
    both_ways = False


class PacketLoss(Fault):
    """A fifth of all packets from and to a host, of its clients, too."""

    name = "packet loss"
    takes = MAJORITIES
    lasts = 10
    within = A_DATABASE
    lost = "numgen random mod 100 < 20"

    def begin(self, cluster, target):
        network.drop_sent(target, "loss", self.lost)
        network.drop_received(target, "loss", self.lost)

    def end(self, cluster, target):
        network.pass_sent(target, "loss")
        network.pass_received(target, "loss")


class NarrowNetwork(Fault):
    name = "a narrow network"
    takes = MAJORITIES
    lasts = 10
    within = A_DATABASE

    def begin(self, cluster, target):
        network.limit_rate(target, "2mbit")

    def end(self, cluster, target):
        network.lift_rate(target)


ALL = (Cut(), OneWayCut(), PacketLoss(), NarrowNetwork())
