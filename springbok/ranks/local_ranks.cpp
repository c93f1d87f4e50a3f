// Starting child processes as ranks, and waiting for them.
#include "springbok/ranks/local_ranks.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "springbok/base/error.h"

extern char** environ;

namespace springbok::ranks {
namespace {

using Clock = std::chrono::steady_clock;

/// A socket that listens at a free port of this machine; rank 0 gets it, so that nobody takes the port meanwhile.
class Listening {
 public:
  Listening() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (socket_ < 0 || ::bind(socket_, generic, length) != 0 || ::listen(socket_, SOMAXCONN) != 0 ||
        ::getsockname(socket_, generic, &length) != 0) {
      fail("no port for the ranks to meet at: {}", std::strerror(errno));
    }
    port_ = ntohs(address.sin_port);
  }
  ~Listening() { ::close(socket_); }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;

  int socket() const { return socket_; }
  int port() const { return port_; }

 private:
  int socket_, port_ = 0;
};

/// The signals that are passed on, and that of a child's end.
sigset_t heard_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&set, signal);
  return set;
}

class Blocked {
 public:
  Blocked() {
    const sigset_t set = heard_signals();
    ::pthread_sigmask(SIG_BLOCK, &set, &before_);
  }
  ~Blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  Blocked(const Blocked&) = delete;
  Blocked& operator=(const Blocked&) = delete;

  const sigset_t& before() const { return before_; }

 private:
  sigset_t before_ = {};
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

/// This process's variables and the rank's, which win.
std::vector<std::string> variables(const LocalRanks& settings, int rank, const Listening& listening) {
  std::vector<std::string> own{format("RANK={}", rank),
                               format("LOCAL_RANK={}", rank),
                               format("WORLD_SIZE={}", settings.ranks),
                               format("LOCAL_WORLD_SIZE={}", settings.ranks),
                               "MASTER_ADDR=127.0.0.1",
                               format("MASTER_PORT={}", listening.port()),
                               format("SPRINGBOK_LISTENING={}", rank == 0 ? std::to_string(listening.socket()) : ""),
                               "TORCHELASTIC_USE_AGENT_STORE="};
  if (std::getenv("OMP_NUM_THREADS") == nullptr) own.push_back(format("OMP_NUM_THREADS={}", settings.threads));
  std::vector<std::string> all;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string text = *each, name = text.substr(0, text.find('=') + 1);
    bool ours = false;
    for (const std::string& one : own) ours = ours || one.starts_with(name);
    if (!ours) all.push_back(text);
  }
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

struct Child {
  pid_t process = -1;
  bool runs = false;
};

class Ranks {
 public:
  explicit Ranks(const LocalRanks& settings) : settings_(settings) {
    for (int rank = 0; rank < settings_.ranks; ++rank) start(rank);
  }
  ~Ranks() {
    send(SIGKILL);
    for (Child& child : children_) {
      if (child.runs) ::waitpid(child.process, nullptr, 0);
    }
  }
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  int wait() {
    while (running() > 0) {
      const int signal = next_signal();
      if (signal == SIGCHLD || signal < 0) {
        reap();
      } else {
        send(signal);
      }
      hurry();
    }
    if (!told_ && !died_.empty() && settings_.say) settings_.say(died_);
    return status_;
  }

 private:
  void start(int rank) {
    std::vector<std::string> command = settings_.command, env = variables(settings_, rank, listening_);
    const std::vector<char*> arguments = pointers(command), values = pointers(env);
    const pid_t parent = ::getpid(), child = ::fork();
    if (child < 0) fail("rank {} cannot be started: {}", rank, std::strerror(errno));
    if (child == 0) become(rank, parent, arguments, values);
    children_.push_back({.process = child, .runs = true});
  }

  /// In the child: nothing but system calls. A group of its own hears Ctrl-C from us alone, and so once.
  [[noreturn]] void become(int rank, pid_t parent, const std::vector<char*>& arguments,
                           const std::vector<char*>& values) const {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(1);
    if (rank == 0) ::fcntl(listening_.socket(), F_SETFD, 0);
    ::pthread_sigmask(SIG_SETMASK, &blocked_.before(), nullptr);
    ::execve(arguments[0], arguments.data(), values.data());
    constexpr int kCannotRun = 127;
    ::_exit(kCannotRun);
  }

  int running() const {
    int count = 0;
    for (const Child& child : children_) count += child.runs ? 1 : 0;
    return count;
  }

  void send(int signal) const {
    for (const Child& child : children_) {
      if (child.runs) ::kill(child.process, signal);
      if (child.runs && signal == SIGTERM) ::kill(child.process, SIGCONT);  // one that was halted hears it too
    }
  }

  /// One of those that are heard, or -1 when none came for a moment.
  static int next_signal() {
    constexpr timespec kMoment{.tv_sec = 0, .tv_nsec = 100'000'000};
    const sigset_t set = heard_signals();
    return ::sigtimedwait(&set, nullptr, &kMoment);
  }

  void reap() {
    for (std::size_t rank = 0; rank < children_.size(); ++rank) {
      Child& child = children_[rank];
      int status = 0;
      if (!child.runs || ::waitpid(child.process, &status, WNOHANG) != child.process) continue;
      child.runs = false;
      if (status != 0) note(static_cast<int>(rank), status);
    }
  }

  /// Only the first one's end is news: the others end because of it.
  void note(int rank, int status) {
    constexpr int kSignal = 128, kCannotRun = 127;
    const bool killed = WIFSIGNALED(status);
    const int code = killed ? kSignal + WTERMSIG(status) : WEXITSTATUS(status);
    if (!failed_at_) failed_at_ = Clock::now();
    told_ = told_ || (!killed && code != settings_.silent_status && code != kCannotRun);
    if (killed && !asked_ && died_.empty()) {
      died_ = format("rank {} of {} was killed by signal {} ({}); all ranks end", rank, settings_.ranks,
                     WTERMSIG(status), ::strsignal(WTERMSIG(status)));
    }
    if (status_ == 0 || status_ == settings_.silent_status) status_ = code;
  }

  /// Ends those that did not end by themselves.
  void hurry() {
    if (!failed_at_) return;
    const auto since = Clock::now() - *failed_at_;
    if (since > settings_.patience && !asked_) {
      asked_ = true;
      send(SIGTERM);
    }
    if (since > settings_.patience + settings_.last_patience) send(SIGKILL);
  }

  const LocalRanks& settings_;
  Blocked blocked_;
  Listening listening_;
  std::vector<Child> children_;
  int status_ = 0;
  std::optional<Clock::time_point> failed_at_;
  bool asked_ = false;  ///< whether the others were told to end
  bool told_ = false;   ///< whether a rank has said why
  std::string died_;    ///< what there is to say where none has
};

}  // namespace

int run_local_ranks(const LocalRanks& settings) {
  if (settings.ranks < 1) fail_usage("--ranks: at least 1, not {}", settings.ranks);
  return Ranks(settings).wait();
}

}  // namespace springbok::ranks
