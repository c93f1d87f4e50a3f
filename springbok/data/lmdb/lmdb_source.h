// Inside the room: LMDB databases of images, this project's and ModelZoo.pytorch's.
#pragma once

#include <filesystem>
#include <memory>

#include "springbok/data/source/source.h"

namespace springbok::data {

/// `folder`/train.lmdb or val.lmdb, a file or a folder with data.mdb, read without locks. Keys "0" ... "N-1" hold
/// images, `__len__` N, `classes` the names. Values are either ModelZoo's, (bytes, int) as pyarrow serialised them, or
/// plain: a class index of 8 bytes, least first, then the encoded image.  `__len__` in digits and `classes` one name a
/// line. Throws Error for a database that is cut or damaged and for values of another kind.
std::unique_ptr<Source> open_lmdb(const std::filesystem::path& folder, const Split& split);

/// `folder`/train.lmdb or val.lmdb.
std::filesystem::path lmdb_path(const std::filesystem::path& folder, const Split& split);
bool has_lmdb(const std::filesystem::path& folder, const Split& split);

}  // namespace springbok::data
