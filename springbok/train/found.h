// What a run folder holds already, and the checkpoint to go on from.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "springbok/train/checkpoint.h"
#include "springbok/train/manifest.h"
#include "springbok/train/run_folder.h"

namespace springbok::train {

/// The checkpoint that `resume` asks for ("", "auto", FILE or RUN); none starts a new run. Where no manifest lists
/// checkpoints that are there, each is opened, and those that open become the folder's. `notes` gets a line about each
/// file that is left as it is. Throws Error when a run would be overwritten, or what is asked for is not to be had.
std::optional<Checkpoint> find_checkpoint(const std::string& resume, const RunFolder& folder,
                                          CheckpointFolder& checkpoints, std::vector<std::string>& notes);

}  // namespace springbok::train
