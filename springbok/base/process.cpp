// Which process made something.
#include "springbok/base/process.h"

#include <unistd.h>

#include "springbok/base/error.h"

namespace springbok {

Home::Home() : process_(::getpid()) {}

bool Home::is_here() const {
  return process_ == ::getpid();
}

void Home::expect_here(const char* what) const {
  if (is_here()) return;
  fail("{}: made before a fork, and its threads stayed in the parent; make a new one in the child", what);
}

}  // namespace springbok
