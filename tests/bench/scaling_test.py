"""docs/scaling.md shows what bench/scaling.py computes, and its model is one that can be followed by hand."""

import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))
sys.dont_write_bytecode = True
import scaling  # noqa: E402


class Scaling(unittest.TestCase):
    def test_the_page_shows_the_tables(self):
        page = (ROOT / "docs/scaling.md").read_text()
        for part in (scaling.weak, scaling.strong, scaling.buckets, scaling.appetite):
            self.assertIn(part(), page, part.__name__)
        for name, (latency, bandwidth) in scaling.LINKS.items():
            self.assertIn(f"| {name} | {1e6 * latency:.0f} us |", page)
            self.assertAlmostEqual(bandwidth, float(name.split()[0]) * 1e9 / 8)

    def test_a_ring_of_two_sends_each_byte_once(self):
        self.assertAlmostEqual(scaling.sum_seconds(1e6, 2, (0.0, 1e6)), 1.0)
        self.assertAlmostEqual(scaling.sum_seconds(1e6, 4, (0.25, 1e6)), 6 * 0.25 + 1.5)

    def test_a_step_ends_with_backward_or_with_the_last_sum(self):
        bucket = scaling.BUCKET
        alone = scaling.slowest(2)
        free = (0.0, 1e15)
        self.assertAlmostEqual(scaling.step_seconds(1.0, 4 * bucket, 2, free), alone)
        # Four buckets of a second each, the first of which is full a quarter of backward behind the forward pass.
        slow = (0.0, float(bucket))
        self.assertAlmostEqual(scaling.step_seconds(1.0, 4 * bucket, 2, slow), alone * (1 / 3 + 1 / 6) + 4)

    def test_a_faster_link_is_never_worse(self):
        for ranks in scaling.RANKS:
            steps = [scaling.step_seconds(0.1, scaling.RESNET50, ranks, link) for link in scaling.LINKS.values()]
            self.assertEqual(steps, sorted(steps, reverse=True))


if __name__ == "__main__":
    unittest.main()
