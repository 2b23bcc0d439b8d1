#!/usr/bin/env python3
"""What a seed decides."""

import random
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "deploy/live"))
# pylint: disable=wrong-import-position
import nemesis


class Plans(unittest.TestCase):
    def test_a_seed_decides_the_order(self):
        first, again, other = (nemesis.choose(random.Random(seed)) for seed in (7, 7, 8))
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)
        self.assertCountEqual(first, other)

    def test_pairs_have_each_fault_once(self):
        chosen = nemesis.choose(random.Random(7))
        pairs = nemesis.pair(chosen)
        self.assertCountEqual([fault for pair in pairs for fault in pair], chosen)
        self.assertGreater(sum(len(pair) == 2 for pair in pairs), len(chosen) // 4)

    def test_a_pair_takes_nothing_in_common(self):
        for seed in range(100):
            for first, *second in nemesis.pair(nemesis.choose(random.Random(seed))):
                for fault in second:
                    self.assertFalse(first.takes & fault.takes, (first.name, fault.name))

    def test_a_host_that_dies_takes_all(self):
        chosen = [nemesis.ALL["a-host-dies"], nemesis.ALL["kill-etcd"]]
        self.assertEqual(nemesis.pair(chosen), [[fault] for fault in chosen])


if __name__ == "__main__":
    unittest.main()
