// What a run folder holds already, and the checkpoint to go on from.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "springbok/run/folder.h"
#include "springbok/run/manifest.h"
#include "springbok/train/checkpoint.h"

namespace springbok::train {

/// The checkpoint that `resume` asks for ("", "auto", FILE or RUN); none starts a new run. Where no manifest lists
/// checkpoints that are there, each is opened, and those that open become the folder's. `notes` gets a line about each
/// file that is left as it is. Throws Error when a run would be overwritten, or what is asked for is not to be had.
std::optional<Checkpoint> find_checkpoint(const std::string& resume, const run::Folder& folder,
                                          run::CheckpointFolder& checkpoints, std::vector<std::string>& notes);

}  // namespace springbok::train
