// What a training's optimisation takes beside optimizer and schedule: parameter groups, clipping, averages, a plateau.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace springbok::recipe {

/// Parameters that do not all learn alike (train/optim/groups.h).
struct GroupSettings {
  double last_mult = 1;             ///< the head's rate is so many times the others'
  double layer_decay = 1;           ///< a layer's rate is so many times that of the one behind it
  std::vector<std::string> freeze;  ///< names or beginnings of names, `*` for anything: they do not learn
  bool freeze_stats = false;        ///< and their batch norms keep their statistics
};

/// What is done to gradients that are too large; one of them at most.
struct ClipSettings {
  double value = 0;  ///< largest value of an element; 0: none
  double agc = 0;    ///< adaptive clipping: largest ratio of a unit's gradient to its weights; 0: none
};

/// How a step's batches make one gradient: that of the mean over their images. Or the sum of each batch's mean, with
/// smaller rate and larger weight decay (elastic_accumulation.h): as allenai/elastic makes up for fewer devices.
enum class AccumulateForm : std::uint8_t { mean, elastic };
const std::vector<std::string>& accumulate_forms();

/// Averages of the weights.
struct AverageSettings {
  bool ema_warmup = false;     ///< the decay grows with the steps, as timm's ModelEmaV3
  std::int64_t ema_every = 1;  ///< steps between two updates of the average
  std::int64_t swa_start = 0;  ///< epochs before the first whose weights count; 0: no equal average is kept
  double swa_lr = 0;           ///< rate to which it then anneals; 0: as the schedule says
  std::int64_t swa_anneal_epochs = 10;
  std::int64_t recalibrate_bn = 0;  ///< training images that renew batch norms before an evaluation
};

/// torch.optim.lr_scheduler.ReduceLROnPlateau, on the run's goal.
struct PlateauSettings {
  double factor = 0.1;
  std::int64_t patience = 10;  ///< epochs without a better goal that are borne
  double threshold = 1e-4;     ///< share by which the goal must be better
  std::int64_t cooldown = 0;   ///< epochs after a reduction that do not count
  double least_lr = 0;
};

/// Sharpness-aware minimisation (Foret et al. 2021).
struct SharpnessSettings {
  double rho = 0;         ///< length of the way up; 0: none
  bool adaptive = false;  ///< in units of the weights (Kwon et al. 2021)
};

/// What becomes of batch norms' running statistics, which each rank moves by its own images. It is their mean after
/// each step, those of rank 0, or each keeps its own and rank 0's are saved (as DistributedDataParallel leaves it).
enum class BnStats : std::uint8_t { average, broadcast, local };
const std::vector<std::string>& bn_stats_names();

/// How several ranks evaluate: each its share of the images, or each all of them, with its own statistics (as
/// allenai/elastic's scripts do; the saved rank's numbers then count).
enum class EvalBy : std::uint8_t { shared, each_rank };
const std::vector<std::string>& eval_by_names();

/// As what ranks send each other gradients: as they are, or rounded to 16 bits, which halves what is sent.
enum class Compress : std::uint8_t { none, fp16, bf16 };
const std::vector<std::string>& compress_names();

/// What only several ranks make use of.
struct RankSettings {
  BnStats bn_stats = BnStats::average;
  EvalBy eval = EvalBy::shared;
  Compress compress = Compress::none;
};

/// How `lr` follows the images of a step, b times those of `lr_per`: times b, its root, or its whole part.
enum class LrScaling : std::uint8_t { linear, sqrt, whole };
const std::vector<std::string>& lr_scalings();

}  // namespace springbok::recipe
