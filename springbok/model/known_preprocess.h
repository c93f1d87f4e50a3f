// How weights that do not say it want their images: what is known of who published them, or an assumption.
#pragma once

#include <string>
#include <vector>

#include "springbok/data/augment/transform.h"
#include "springbok/tensors/read.h"
#include "springbok/zoo/zoo.h"

namespace springbok::model {

struct KnownPreprocess {
  data::Preprocess preprocess;
  std::string from;                       ///< `published: torchvision IMAGENET1K_V2`, `assumed`
  bool assumed = false;                   ///< nothing is known
  std::vector<std::string> classes = {};  ///< names that stand beside it, in order of outputs
  bool labels = false;                    ///< its outputs are labels: Elastic's weights for MS-COCO
};

/// Of bare weights of this network, the first of these that tells. First timm's `pretrained_cfg` in the metadata; then
/// the file's name, where it has the hash of published weights or is that of Elastic's weights for MS-COCO. Then
/// `config.json` beside it (timm's, as its hub has it); the file's name or its folder's. Last its SHA-256, computed
/// only for a file of exactly the size of published weights. Else that of the first weights published for the network
/// is assumed. Throws Error for a configuration whose values cannot be.
KnownPreprocess known_preprocess(const tensors::File& file, const std::string& model, const zoo::ModelOptions& options);

}  // namespace springbok::model
