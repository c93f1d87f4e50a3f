// Inside the room: the binary files of CIFAR-10 and CIFAR-100.
#pragma once

#include <filesystem>
#include <memory>

#include "springbok/data/source.h"

namespace springbok::data {

/// The folder that holds CIFAR's binary files: `folder` itself, or the one that the archive unpacks to in it; an empty
/// path when there are none.
std::filesystem::path find_cifar(const std::filesystem::path& folder);

/// CIFAR-10 (data_batch_1.bin ... data_batch_5.bin, test_batch.bin) or CIFAR-100 (train.bin, test.bin; the 100 fine
/// classes), mapped into memory. Class names from batches.meta.txt or fine_label_names.txt, else numbers. Throws Error
/// for files that are missing or cut, and for labels that no class has.
std::unique_ptr<Source> open_cifar(const std::filesystem::path& folder, Split split);

}  // namespace springbok::data
