// Renaming keys by patterns, as a publisher's naming of a network is written down.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace springbok::weights {

/// `from` is the beginning of a key, up to a dot or its end; `#` stands for a number. In `to`, `$2` is the second
/// number, `$2-1` and `$2+1` its neighbours. What follows `from` in the key stays.
struct KeyRule {
  std::string_view from, to;
};

/// The key by the first rule that fits it; itself when none does.
/// `features.3.0.block.0.1.weight` by {`features.#.#.block.0.1`, `blocks.$1-1.$2.bn1`} is `blocks.2.0.bn1.weight`.
std::string rename_key(std::span<const KeyRule> rules, const std::string& key);

}  // namespace springbok::weights
