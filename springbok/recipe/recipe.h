// The recipe: every choice of a training run, described once. Flags, TOML keys, the stored recipe and docs/options.md
// all come from `option_table`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "springbok/base/option.h"
#include "springbok/data/augment/augment.h"
#include "springbok/data/augment/preprocess.h"
#include "springbok/data/load/mix.h"
#include "springbok/data/source/bad_image.h"
#include "springbok/data/source/source.h"
#include "springbok/graph/init_scheme.h"
#include "springbok/recipe/learn_settings.h"
#include "springbok/recipe/loss_scale.h"
#include "springbok/recipe/loss_settings.h"
#include "springbok/recipe/on_nan.h"
#include "springbok/recipe/optimizer_settings.h"
#include "springbok/recipe/ramps.h"
#include "springbok/recipe/schedule.h"
#include "springbok/recipe/task_settings.h"
#include "springbok/zoo/zoo.h"

namespace springbok::recipe {

/// Help, ranges and groups stand in options.cpp, those of augmentation and of networks beside their structs. What is
/// left open there (`0: the model's own`) is filled by `resolve`.
struct Recipe {
  // Run: where and how it runs; none of these changes what is computed.
  std::string data, out, resume, device = "cpu";
  std::int64_t workers = -1, threads = 0, checkpoint_steps = 0, keep = 2, keep_every = 0;
  double log_seconds = 10;
  bool tensorboard = false, recompute = false, cuda_graphs = true;
  // Model
  std::string model, init, pretrained;
  InitForm init_form = InitForm::fit;
  std::vector<std::string> allow;
  graph::InitScheme init_scheme;
  std::int64_t num_classes = 0;
  zoo::ModelOptions options;  ///< `classes` and `channels` are set from the data and `num_classes`
  DropFrom drop_from;         ///< where what is dropped starts
  // Data
  TaskChoice task = TaskChoice::automatic;  ///< settled by `choose_task`
  JointSettings joint;
  std::int64_t limit = 0;
  double val_share = 0;
  data::Preprocess preprocess{.size = 0, .channels = 0, .mean = {}, .std = {}};  ///< 0 and empty: left open
  std::int64_t train_size = 0;  ///< of training images; 0: preprocess.size
  data::OnBadImage on_bad_image = data::OnBadImage::stop;
  data::DamagedJpeg damaged_jpeg = data::DamagedJpeg::refuse;
  data::Augment augment;
  std::int64_t repeat_augment = 1, shuffle_buffer = 0;
  data::MixSettings mix;
  data::Sampler sampler = data::Sampler::shuffled;
  Progressive progressive;
  // Optimisation
  std::int64_t epochs = 90, batch_size = 32, accumulate = 1, seed = 0;
  std::int64_t global_batch = 0;  ///< above 0: `accumulate` follows from it (`batches_a_step`)
  AccumulateForm accumulate_form = AccumulateForm::mean;
  bool drop_last = false, drop_last_step = false;
  Schedule rate;  ///< its lengths in steps, and `lr_per`, are worked in by `schedule_of`
  std::int64_t lr_per = 0;
  double warmup_epochs = 0;
  OptimizerSettings optimizer;
  double label_smoothing = 0, clip_norm = 0, ema_decay = 0;  ///< 0: none
  LossSettings loss;
  LrScaling lr_scaling = LrScaling::linear;
  GroupSettings groups;
  RankSettings ranks;
  ClipSettings clip;
  SharpnessSettings sharpness;
  AverageSettings averages;
  PlateauSettings plateau;
  std::int64_t early_stop = 0;
  OnNan on_nan;
  // Precision
  Precision precision = Precision::fp32;
  LossScaleSettings loss_scale;
};

/// The options, with fields in `recipe`, which must outlive them. The model's own options are among them.
Options option_table(Recipe& recipe);

/// Keys that were set on purpose, and where: `recipe.toml:12: gamma`, `--gamma`.
using Given = std::map<std::string, std::string>;

/// Sets what a TOML file sets. Keys are flat. Throws UsageError with file, line and key: not TOML, an unknown key (with
/// the nearest one), a wrong type, a value out of range.
void read_recipe_file(const std::filesystem::path& path, const Options& options, Given& given);

/// Sets what flags set: (key, text) in order, a later one wins. Throws UsageError naming the flag.
void read_flags(const std::vector<std::pair<std::string, std::string>>& flags, const Options& options, Given& given);

void check_ranges(const Recipe& recipe);  ///< throws UsageError for a value outside its option's range, whoever set it

/// Whose network is trained: the zoo's, which `model` names, or the caller's, which only has that name.
enum class Network : std::uint8_t { zoo, own };

/// Throws UsageError for a recipe that contradicts itself: an unknown `model`, a warm-up longer than the run. Also for
/// a key given on purpose that another choice leaves without effect (`gamma` under a cosine schedule).
void check_recipe(const Recipe& recipe, const Given& given, Network network = Network::zoo);

/// Settles a task that the recipe leaves open, by what the data are labelled with. Throws UsageError where they do not
/// fit the task; to be called before `check_recipe` where there are data.
void choose_task(Recipe& recipe, const data::Source& source);

/// Fills what the recipe left open from the model and the data (size, channels, mean, std, classes, workers, threads),
/// and scales `lr` when `lr_per` is given. Throws UsageError for numbers that do not fit the data.
void resolve(Recipe& recipe, const data::Source& source, Network network = Network::zoo);

/// The names of the network's outputs: the data's classes, then `class 12` and so on for those that `num_classes` adds.
std::vector<std::string> output_names(const Recipe& recipe, const std::vector<std::string>& classes);

/// All values as one flat object, in order of description, and back. Reading throws Error naming `where`.
nlohmann::ordered_json to_json(const Recipe& recipe);
Recipe recipe_from_json(const nlohmann::ordered_json& json, const std::string& where);

/// Whether a key says only where or how a run runs (`workers`, `out`), so that a resumed run may change it.
bool is_run_key(const std::string& key);

/// `2:`, the version of this rule, and 16 hex digits of a SHA-256 over what changes what is computed and is not at its
/// default. An option that came later leaves the digests of runs from before as they were.
std::string digest(const Recipe& recipe);

/// What the recipe means for the parts of a run. The recipe must be resolved.
std::int64_t full_training_size(const Recipe& recipe);  ///< side of training images: `train_size`, or `size`
std::int64_t batches_a_step(const Recipe& recipe);      ///< `accumulate`, or as many as make `global_batch`
double scaled_lr(const Recipe& recipe);                 ///< `lr`, scaled to the effective batch when `lr_per` is given
Schedule schedule_of(const Recipe& recipe, std::int64_t steps_per_epoch);

/// ImageNet's statistics, one value per channel; for grey images their means.
std::vector<double> default_mean(std::int64_t channels);
std::vector<double> default_std(std::int64_t channels);

/// Whether another choice leaves this key without effect (`gamma` under a cosine schedule).
bool is_useless(const Recipe& recipe, const std::string& key);

/// `key = value` in groups, as valid TOML that `read_recipe_file` takes: without the useless keys.
std::string recipe_text(const Recipe& recipe);

/// docs/options.md: every option with its default, range and help, by group.
std::string options_document();

}  // namespace springbok::recipe
