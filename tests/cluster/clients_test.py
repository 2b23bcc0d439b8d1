#!/usr/bin/env python3
"""The check finds each thing that goes wrong, and nothing in what is right."""

import sys
import types
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "deploy/live"))
# pylint: disable=wrong-import-position
from clients import Post, check_history, check_stream, longest_pause

CHAT = 7


def event(name, at, text=None):
    data = {"chat_id": CHAT, "content": text} if text else {"reason": "no_longer_held"}
    return types.SimpleNamespace(name=name, at=at, data=data)


def stream(*texts):
    """Frames, a second apart; None is a Reset."""
    return [event("NewMessage" if text else "Reset", at, text) for at, text in enumerate(texts, 1)]


def check(texts, *received):
    """Each message was begun half a second before the frame that has its place in the history."""
    began = {text: at - 0.5 for at, text in enumerate(texts, 1)}
    return check_stream(texts, began, CHAT, stream(*received))


def kind(found):
    return [text.split(":")[0] for text in found]


class Streams(unittest.TestCase):
    def test_each_message_once_in_order_is_right(self):
        self.assertEqual(check("abc", "a", "b", "c"), [])

    def test_a_missing_message_is_found(self):
        self.assertEqual(check("abc", "a", "c"), ["missing: ['b']"])

    def test_a_missing_end_is_found(self):
        self.assertEqual(check("abc", "a", "b"), ["ends with 2 of 3 messages"])

    def test_a_second_one_is_found(self):
        self.assertEqual(kind(check("abc", "a", "b", "b", "c")), ["twice", "out of order"])

    def test_a_second_one_behind_a_reset_is_found(self):
        self.assertEqual(kind(check("abc", "a", None, "a", "b", "c")), ["twice", "out of order"])

    def test_another_order_is_found(self):
        self.assertIn("out of order", kind(check("abc", "a", "c", "b")))

    def test_a_message_that_was_never_sent_is_found(self):
        self.assertEqual(kind(check("ab", "a", "b", "x")), ["out of order"])

    def test_a_reset_stands_for_what_was_sent_before_it(self):
        self.assertEqual(check("abcd", "a", None, "c", "d"), [])

    def test_a_reset_does_not_stand_for_what_was_sent_after_it(self):
        self.assertEqual(check("abcd", "a", None, "d"), ["missing: ['c']"])

    def test_a_reset_stands_for_one_gap(self):
        self.assertEqual(check("abcde", None, "a", "c", "d", "e"), ["missing: ['b']"])


class Histories(unittest.TestCase):
    def setUp(self):
        self.posts = [Post("a"), Post("b")]
        for seq, post in enumerate(self.posts, 1):
            post.accepted, post.ids, post.seqs = 1.0, {10 + seq}, {seq}
        self.history = [{"content": "a", "id": 11, "seq": 1}, {"content": "b", "id": 12, "seq": 2}]

    def found(self):
        return check_history(CHAT, self.history, self.posts)

    def test_what_was_accepted_is_there(self):
        self.assertEqual(self.found(), [])

    def test_a_lost_message_is_found(self):
        del self.history[1]
        self.assertRegex(self.found()[0], "'b' was accepted, and is lost")

    def test_a_second_copy_is_found(self):
        self.history.append({"content": "b", "id": 13, "seq": 3})
        self.assertIn("is there twice", self.found()[0])

    def test_a_hole_is_found(self):
        self.history[1]["seq"] = 3
        self.assertIn("holes [2]", self.found()[0])

    def test_another_answer_is_found(self):
        self.posts[0].ids.add(12)
        self.assertIn("another id or seq", self.found()[0])

    def test_a_message_that_was_never_sent_is_found(self):
        del self.posts[1]
        self.assertIn("was never sent", self.found()[0])


class Pauses(unittest.TestCase):
    def test_the_longest_one_of_any_client_counts(self):
        self.assertEqual(longest_pause([[1, 2, 3], [1, 3]], 0), 2)

    def test_it_may_begin_with_the_fault(self):
        self.assertEqual(longest_pause([[1, 9, 10]], 4), 5)


if __name__ == "__main__":
    unittest.main()
