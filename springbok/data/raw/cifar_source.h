// Inside the room: the files of CIFAR-10 and CIFAR-100.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "springbok/data/source/source.h"

namespace springbok::data {

/// Where CIFAR's files lie: in the folder itself, or in those that the archives unpack to in it.
std::vector<std::string> cifar_sets(const std::filesystem::path& folder);

/// Whether the folder has CIFAR's files, and the split is one that CIFAR has: `train`, or the other one, its test.
bool has_cifar(const std::filesystem::path& folder, const Split& split);

/// CIFAR-10 or CIFAR-100 (the 100 fine classes), held in memory. The binary versions (data_batch_1.bin ...,
/// test_batch.bin; train.bin, test.bin) and those for Python (data_batch_1 ..., test_batch, batches.meta; train, test,
/// meta), which hold the same. Class names from the files that come with them, else numbers. Throws Error for files
/// that are missing or cut, and for labels that no class has.
std::unique_ptr<Source> open_cifar(const std::filesystem::path& folder, const Split& split);

}  // namespace springbok::data
