// `springbok weights`: what weight files hold, in other forms, compared, and downloaded.
#include "springbok/cli/weights_commands.h"

namespace springbok::cli {

Command weights_command() {
  Command weights{.name = "weights", .help = "Look into, convert, compare and download weight files"};
  weights.children = {inspect_command(), convert_command(), diff_command(), get_command()};
  return weights;
}

}  // namespace springbok::cli
