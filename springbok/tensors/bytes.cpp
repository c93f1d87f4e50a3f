// Texts of files, fit for messages, as base/quote.h makes them.
#include "springbok/tensors/bytes.h"

#include "springbok/base/quote.h"

namespace springbok::tensors {

bool is_utf8(std::string_view text) {
  return springbok::is_utf8(text);
}

std::string printable(std::string_view text) {
  constexpr std::size_t kMost = 120;
  return shortened(text, kMost);
}

}  // namespace springbok::tensors
