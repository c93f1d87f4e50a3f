// What the published code calls our models.
#pragma once

#include <string>

namespace springbok::zoo {

/// The model that a published factory builds with these arguments, where its name differs from ours; else "".
std::string renamed_factory(const std::string& factory, const std::string& kwargs_json);

}  // namespace springbok::zoo
