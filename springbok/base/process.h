// Which process made something: threads do not come along into the child of a fork.
#pragma once

namespace springbok {

/// Remembers the process that made it.
class Home {
 public:
  Home();
  /// Whether this is still that process, and not a child forked from it.
  bool is_here() const;
  /// Throws Error naming `what` (`a loader`) in another process.
  void expect_here(const char* what) const;

 private:
  int process_;
};

}  // namespace springbok
