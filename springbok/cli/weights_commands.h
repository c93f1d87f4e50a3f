// The commands of `springbok weights`.
#pragma once

#include "springbok/cli/command.h"

namespace springbok::cli {

Command inspect_command();
Command convert_command();
Command diff_command();
Command get_command();

}  // namespace springbok::cli
