// Work in a forked process.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

namespace springbok::testing {

/// What `child` returns in a fork of this process: 0 where it finds all as promised, 8 when it throws. 100 and the
/// signal when it is killed, as by the alarm that ends one that hangs.
template <class Child>
int in_a_child(Child child) {
  const pid_t pid = fork();
  if (pid == 0) {
    alarm(60);
    int code = 9;
    try {
      code = child();
    } catch (...) {
      code = 8;
    }
    _exit(code);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

}  // namespace springbok::testing
