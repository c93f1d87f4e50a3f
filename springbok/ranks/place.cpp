// Reading launchers' variables.
#include "springbok/ranks/place.h"

#include <charconv>
#include <cstdlib>

#include "springbok/base/error.h"

namespace springbok::ranks {
namespace {

constexpr const char* kDefaultPort = "29500";  // torch.distributed's

/// A variable that is set to nothing is not set.
std::optional<std::string> text_of(const Variables& variable, const char* name) {
  std::optional<std::string> text = variable(name);
  return text && !text->empty() ? text : std::nullopt;
}

int number(const std::string& text, const std::string& name) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) {
    fail_usage("{}: '{}' is no whole number of 0 or more", name, text);
  }
  return value;
}

int number_of(const Variables& variable, const char* name, int otherwise) {
  const auto text = text_of(variable, name);
  return text ? number(*text, name) : otherwise;
}

/// One launcher's names of the same four numbers.
struct Names {
  const char *launcher, *rank, *size, *local_rank, *local_size;
};
constexpr Names kTorchrun{"torchrun", "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"};
constexpr Names kOpenMpi{"Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK",
                         "OMPI_COMM_WORLD_LOCAL_SIZE"};
// A batch script has SLURM_NTASKS too, though it is one process: SLURM_STEP_NUM_TASKS is of the processes that run.
constexpr Names kSlurm{"Slurm", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID", nullptr};

std::optional<Place> numbers(const Names& names, const Variables& variable) {
  const auto rank = text_of(variable, names.rank), size = text_of(variable, names.size);
  if (!size || (!rank && std::string(names.rank) == "SLURM_PROCID")) return std::nullopt;
  if (!rank) fail_usage("{} is set, but not {}: {} sets both", names.size, names.rank, names.launcher);
  Place place;
  place.launcher = names.launcher;
  place.rank = number(*rank, names.rank);
  place.size = number(*size, names.size);
  place.local_rank = number_of(variable, names.local_rank, 0);
  if (names.local_size != nullptr) place.local_size = number_of(variable, names.local_size, 1);
  if (place.rank >= place.size) {
    fail_usage("{}: rank {} is none of {}={}; ranks count from 0", names.rank, place.rank, names.size, place.size);
  }
  return place;
}

std::string address(const std::string& host, const std::string& port) {
  const int value = number(port, "MASTER_PORT");
  if (value < 1 || value > 65535) fail_usage("MASTER_PORT: {} is no port, which are 1 to 65535", value);
  const bool ipv6 = host.find(':') != std::string::npos && host.front() != '[';
  return ipv6 ? format("tcp://[{}]:{}", host, port) : format("tcp://{}:{}", host, port);
}

std::optional<Place> of_torchrun(const Variables& variable) {
  std::optional<Place> place = numbers(kTorchrun, variable);
  if (!place) return place;
  const auto host = text_of(variable, "MASTER_ADDR"), port = text_of(variable, "MASTER_PORT");
  if (!host || !port) {
    fail_usage("{} is set, but not {}: ranks meet at MASTER_ADDR:MASTER_PORT, an address of rank 0's machine",
               kTorchrun.rank, host ? "MASTER_PORT" : "MASTER_ADDR");
  }
  place->url = address(*host, *port);
  place->serves = text_of(variable, "TORCHELASTIC_USE_AGENT_STORE") != "True";
  place->restart = number_of(variable, "TORCHELASTIC_RESTART_COUNT", 0);
  if (place->rank == 0) place->listening = number_of(variable, "SPRINGBOK_LISTENING", -1);
  return place;
}

std::optional<Place> of_open_mpi(const Variables& variable) {
  std::optional<Place> place = numbers(kOpenMpi, variable);
  if (!place) return place;
  auto host = text_of(variable, "MASTER_ADDR");
  if (!host && place->local_size == place->size) host = "127.0.0.1";
  if (!host) {
    fail_usage("Open MPI does not say where rank 0 is: add 'mpirun -x MASTER_ADDR=HOST' with its machine's name");
  }
  place->url = address(*host, text_of(variable, "MASTER_PORT").value_or(kDefaultPort));
  return place;
}

/// Jobs on one machine at the same time have ports of their own.
std::string slurm_port(const Variables& variable) {
  constexpr int kFirst = 20000, kPorts = 40000, kStepsApart = 97;
  const int job = number_of(variable, "SLURM_JOB_ID", 0) % kPorts,
            step = number_of(variable, "SLURM_STEP_ID", 0) % kPorts;
  return std::to_string(kFirst + (job + kStepsApart * step) % kPorts);
}

std::optional<Place> of_slurm(const Variables& variable) {
  std::optional<Place> place = numbers(kSlurm, variable);
  if (!place) return place;
  if (const auto tasks = text_of(variable, "SLURM_STEP_TASKS_PER_NODE")) {
    place->local_size = std::max(1, std::atoi(tasks->c_str()));  // of the first node, `4(x2),3`
  }
  auto host = text_of(variable, "MASTER_ADDR");
  for (const char* name : {"SLURM_STEP_NODELIST", "SLURM_JOB_NODELIST", "SLURM_NODELIST"}) {
    const auto nodes = text_of(variable, name);
    if (!host && nodes) host = first_host(*nodes);
  }
  if (!host) fail_usage("SLURM_STEP_NODELIST is not set: give MASTER_ADDR, the machine of rank 0");
  place->url = address(*host, text_of(variable, "MASTER_PORT").value_or(slurm_port(variable)));
  return place;
}

void check_url(const std::string& url) {
  const bool tcp = url.starts_with("tcp://") && url.rfind(':') > std::string("tcp://").size();
  const bool file = url.starts_with("file:///") && url.size() > std::string("file:///").size();
  if (!tcp && !file) fail_usage("--dist-url: '{}' is neither tcp://HOST:PORT nor file:///PATH", url);
}

Place as_asked(const Asked& asked, std::optional<Place> launched) {
  Place place = launched.value_or(Place{});
  if (asked.rank >= 0) place.rank = static_cast<int>(asked.rank);
  if (asked.size >= 0) place.size = static_cast<int>(asked.size);
  if (!launched && asked.size < 0) fail_usage("--world-size: needed, with --rank and --dist-url");
  if (!launched && asked.rank < 0) fail_usage("--rank: needed, with --world-size and --dist-url");
  if (place.size < 1 || place.rank >= place.size) {
    fail_usage("--rank: {} is none of --world-size {}; ranks count from 0", place.rank, place.size);
  }
  if (!(asked.url.empty() || asked.url == "env://")) {
    check_url(asked.url);
    place.url = asked.url;
    place.serves = true;
    place.listening = -1;
  }
  if (place.url.empty())
    fail_usage("--dist-url: needed, with --rank and --world-size: tcp://HOST:PORT or file:///PATH");
  if (!launched) place.launcher = "--dist-url";
  return place;
}

}  // namespace

Variables environment() {
  return [](const char* name) -> std::optional<std::string> {
    const char* value = std::getenv(name);
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

std::optional<Place> place_of(const Asked& asked, const Variables& variable) {
  std::optional<Place> place;
  for (const auto& launcher : {of_torchrun, of_open_mpi, of_slurm}) {
    if (!place) place = launcher(variable);
  }
  return asked.any() ? as_asked(asked, place) : place;
}

std::string first_host(const std::string& nodes) {
  const std::size_t bracket = nodes.find('['), comma = nodes.find(',');
  if (bracket == std::string::npos || comma < bracket) return nodes.substr(0, comma);
  const std::size_t end = nodes.find_first_of("-,]", bracket + 1);
  if (end == std::string::npos) fail_usage("Slurm's list of machines: '{}' has no closing bracket", nodes);
  const std::size_t close = nodes.find(']', bracket), next = nodes.find(',', close);
  return nodes.substr(0, bracket) + nodes.substr(bracket + 1, end - bracket - 1) +
         nodes.substr(close + 1, next == std::string::npos ? next : next - close - 1);
}

std::string to_text(const Place& place) {
  return format("rank {} of {}", place.rank, place.size);
}

}  // namespace springbok::ranks
