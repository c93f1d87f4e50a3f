"""Shows that tools/check_layers finds each kind of breach, in a small tree made for it."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECK = pathlib.Path(__file__).resolve().parents[2] / "tools" / "check_layers"
TREE = {
    "springbok/base/CMakeLists.txt": "springbok_room(base SOURCES a.cpp HEADERS a.h)",
    "springbok/base/a.h": "// Numbers.\n",
    "springbok/image/CMakeLists.txt": "springbok_room(image SOURCES i.cpp HEADERS i.h)",
    "springbok/image/i.h": "// Pixels.\n",
    "springbok/data/CMakeLists.txt": "springbok_room(data\n  SOURCES d.cpp\n  USES image  # and so on\n  PRIVATE_LINKS x)",
    "springbok/data/d.h": '// Batches.\n#include "springbok/image/i.h"\n',
    "springbok/engine/CMakeLists.txt": "springbok_room(engine SOURCES e.cpp USES data ATEN)",
    "springbok/engine/e.cpp": '// Tensors.\n#include <ATen/core/Tensor.h>\n#include "springbok/image/i.h"\n',
}


def check(**changes: str) -> tuple[int, str]:
    """Exit code and output for the tree with files replaced (`room__file` names springbok/room/file)."""
    with tempfile.TemporaryDirectory() as folder:
        files = TREE | {"springbok/" + name.replace("__", "/").replace("_", "."): text for name, text in changes.items()}
        for name, text in files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        done = subprocess.run([sys.executable, CHECK, folder], capture_output=True, text=True)
        return done.returncode, done.stdout


class CheckLayers(unittest.TestCase):
    def expect(self, words: str, **changes: str) -> None:
        code, output = check(**changes)
        self.assertEqual(code, 1, output)
        self.assertIn(words, output)

    def test_good_tree_passes(self):
        code, output = check()
        self.assertEqual(code, 0, output)

    def test_include_of_a_room_below(self):
        self.expect("image may use only rooms above it, not data", image__i_h='// Pixels.\n#include "springbok/data/d.h"\n')

    def test_include_of_a_room_not_listed(self):
        self.expect("image does not list base", image__i_h='// Pixels.\n#include "springbok/base/a.h"\n')

    def test_uses_of_a_room_below(self):
        self.expect("data may use only rooms above it, not engine", data__CMakeLists_txt="springbok_room(data USES engine)")

    def test_aten_in_a_room_without(self):
        self.expect("data is a room without ATen", data__d_h="// Batches.\n#include <c10/util/Half.h>\n")

    def test_header_that_its_room_keeps(self):
        self.expect("image keeps this header to itself", image__CMakeLists_txt="springbok_room(image SOURCES i.cpp)")

    def test_public_header_that_is_not_there(self):
        self.expect("HEADERS names 'none.h'", image__CMakeLists_txt="springbok_room(image SOURCES i.cpp HEADERS i.h none.h)")

    def test_header_in_a_folder_is_included_from_the_root(self):
        self.expect('as "springbok/image/jpeg/j.h"', image__jpeg__j_h="// J.\n", image__jpeg__j_cpp='// J.\n#include "j.h"\n')

    def test_folders_that_include_each_other(self):
        self.expect("image: the headers of its folders include each other: a -> b -> a",
                    image__a__x_h='// X.\n#include "springbok/image/b/y.h"\n', image__b__y_h='// Y.\n#include "springbok/image/a/z.h"\n',
                    image__a__z_h="// Z.\n")

    def test_folders_one_deep(self):
        self.expect("folders one deep", image__a__b__x_h="// X.\n")

    def test_torch_umbrella_header(self):
        self.expect("torch/torch.h takes", engine__e_cpp="// Tensors.\n#include <torch/torch.h>\n")

    def test_relative_include(self):
        self.expect("include from the root", data__d_h='// Batches.\n#include "../image/i.h"\n')

    def test_include_of_a_neighbour_by_bare_name(self):
        self.expect("include from the root", data__e_cpp='// Batches.\n#include "d.h"\n')

    def test_first_line_without_a_job(self):
        self.expect("d.h:1: the first line", data__d_h="#pragma once\n")

    def test_long_header(self):
        self.expect("151 lines, the limit is 150", data__d_h="// Batches.\n" * 151)

    def test_unknown_room(self):
        self.expect("no such room", misc__m_h="// Things.\n")


if __name__ == "__main__":
    unittest.main()
