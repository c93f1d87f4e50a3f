// `springbok weights`: what weight files hold, in other forms, and compared.
#include "springbok/cli/weights_commands.h"

namespace springbok::cli {

Command weights_command() {
  Command weights{.name = "weights", .help = "Look into, convert and compare weight files"};
  weights.children = {inspect_command(), convert_command(), diff_command()};
  return weights;
}

}  // namespace springbok::cli
