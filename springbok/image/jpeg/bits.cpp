// Bits at markers and at the end of the data.
#include "springbok/image/jpeg/bits.h"

namespace springbok::image {

Bits BitReader::filled_bytewise(Bits from) {
  while (from.count <= 56) {
    std::uint64_t byte = 0;
    if (at_ == end_ || (*at_ == 0xFF && (at_ + 1 == end_ || at_[1] != 0))) {
      invented_ += 8;  // a marker or the end: zeros from here on
    } else {
      byte = *at_;
      at_ += byte == 0xFF ? 2 : 1;  // a stuffed zero follows
    }
    from.word |= byte << (56 - from.count);
    from.count += 8;
  }
  return from;
}

bool BitReader::at(int marker) const {
  if (bits.count - invented_ >= 8 || exhausted()) return false;  // whole bytes left over, or too few
  return end_ - at_ >= 2 && at_[0] == 0xFF && at_[1] == marker;
}

bool BitReader::restart(int number) {
  if (!at(restart_marker(number))) return false;
  at_ += 2;
  bits = {};
  invented_ = 0;
  return true;
}

}  // namespace springbok::image
