// What one core of this machine can do at most, for bench/floors.cpp.
#pragma once

namespace springbok::bench {

/// Products of 16-bit numbers a second, added up in 32 bits, on the widest vectors there are.
double products_per_second();

}  // namespace springbok::bench
