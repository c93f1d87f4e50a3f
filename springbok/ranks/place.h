// Where a process stands among the ranks of a training, and how they find each other: what launchers say.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace springbok::ranks {

struct Place {
  int rank = 0, size = 1;              ///< of all processes
  int local_rank = 0, local_size = 1;  ///< of those on this machine
  std::string url;                     ///< where they meet: `tcp://HOST:PORT` or `file:///PATH`
  bool serves = true;                  ///< rank 0 opens the port; false: the launcher holds it open
  int listening = -1;                  ///< on rank 0, a socket that is bound to the port already; -1: none
  int restart = 0;                     ///< how often the launcher started the ranks again
  std::string launcher;                ///< `torchrun`, `Slurm`, `Open MPI`, `--dist-url`: for messages
};

/// What was asked for on the command line, as both originals take it. Empty and -1: nothing.
struct Asked {
  std::string url;  ///< `env://` is as nothing
  std::int64_t size = -1, rank = -1;

  bool any() const { return size >= 0 || rank >= 0 || !(url.empty() || url == "env://"); }
};

/// The value of an environment variable; nothing where it is not set.
using Variables = std::function<std::optional<std::string>(const char* name)>;
Variables environment();

/// The process's place: as asked, else as a launcher's variables have it; nothing where nobody says anything. torchrun
/// and Kubernetes' PyTorchJob set RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, Open MPI OMPI_COMM_WORLD_*. Slurm's
/// SLURM_* count in a step alone, as srun makes it. Throws UsageError for what is missing or contradicts itself, naming
/// the variable or the flag.
std::optional<Place> place_of(const Asked& asked, const Variables& variable = environment());

/// The first machine of Slurm's list: `gpu[03-05,9],login1` begins with `gpu03`.
std::string first_host(const std::string& nodes);

/// `rank 2 of 8`.
std::string to_text(const Place& place);

}  // namespace springbok::ranks
