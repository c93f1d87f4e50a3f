// Golden files of Elastic's tasks: their images, masks, digests and small networks.
#pragma once

#include <string>
#include <vector>

#include "springbok/data/augment/joint.h"
#include "springbok/image/image.h"
#include "springbok/metrics/label_tally.h"
#include "tests/golden/functions/functions.h"

namespace springbok::golden {

/// FNV-1a 64 of bytes, in hex.
std::string digest_of(std::span<const std::byte> bytes);
std::string digest_of(const std::vector<std::string>& names);  ///< each and a newline

/// An image that the file describes: `floor(256 u)` of a fill, or `(5x + 3y + 80c) mod 256`.
image::Image filled_image(const std::string& fill, int height, int width);

/// A mask of blocks: `blocks of B x B: v = floor(N u), u number ...; v = I means 255`. B may stand for `block`.
image::Image filled_mask(const std::string& fill, const std::string& rule, int height, int width, int block = 0);

/// {shape, fnv1a64, first, last, histogram}: what of it the file has.
void check_image(Sheet& sheet, const std::string& what, const image::Image& got, const nlohmann::json& wanted);

/// A tensor (C,H,W) of single precision against {shape, fnv1a64, first, last, at, sum, l2}.
void check_floats(Sheet& sheet, const std::string& what, const at::Tensor& got, const nlohmann::json& wanted);

/// The training pictures of a file's `data`.
std::vector<data::Labelling> labellings_of(const nlohmann::json& data);

/// A mask as (1,H,W) uint8.
at::Tensor mask_tensor(const image::Image& mask);

/// The bytes of a text in base64.
std::vector<std::byte> from_base64(const std::string& text);

/// A network that a file describes in words (`conv1: 3x3, 3 -> 4, padding 1, no bias; ...`).
/// Throws Error for words that are not known, and for a state_dict that differs from the file's.
graph::Graph described_net(const nlohmann::json& file, bool frozen_norms = false);
/// Its weights: the fill by key, float64.
engine::State described_weights(const graph::Graph& graph);

/// The value behind a flag among `options`; empty where it is not given.
std::string option_of(const nlohmann::json& file, const std::string& flag);

void check_labels(Sheet& sheet);  // elastic_labels.cpp
void check_coco_target(Sheet& sheet);
void check_iou(Sheet& sheet);  // elastic_pixels.cpp
void check_palette(Sheet& sheet);
void check_pixel_loss(Sheet& sheet);
void check_evaluation(Sheet& sheet);
void check_transform(Sheet& sheet);  // elastic_transforms.cpp
void check_padding(Sheet& sheet);
void check_segment_run(Sheet& sheet);  // elastic_runs.cpp
void check_groups(Sheet& sheet);
void check_accumulation(Sheet& sheet);  // elastic_accumulation.cpp
void check_resume(Sheet& sheet);

/// {count, fnv1a64, keys | first, last} of names.
void check_names(Sheet& sheet, const std::string& what, const std::vector<std::string>& names,
                 const nlohmann::json& wanted);

/// Compares P_C, R_C, ... of a file with those of scores and labels, in batches of `batch`; `loss` where it has one.
void check_label_shares(Sheet& sheet, const std::string& what, const metrics::LabelScores& scores, double threshold,
                        std::int64_t batch, double loss, const nlohmann::json& wanted, double bound = 1e-12);

}  // namespace springbok::golden
