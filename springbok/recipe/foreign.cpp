// The table of other trainers' flags. Names and meanings are those of timm's train.py and validate.py, torchvision's
// references/classification/train.py, Elastic's classify.py and segment.py, and ModelZoo.pytorch's train and test
// scripts.
#include "springbok/recipe/foreign.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "springbok/base/text.h"

namespace springbok::recipe {
namespace {

/// The programs that have the flag, a letter each: t imm, v torchvision's, e lastic, m odelzoo.
struct Foreign {
  const char* names;  ///< without leading dashes, separated by spaces
  const char* whose;
  const char* keys;  ///< our options that say the same, separated by spaces; "" where there is none
  const char* note;  ///< what else must be known
};

constexpr const char* kNoSuchForm = "the optimizer's form is as published; --optimizer names those that there are";
constexpr const char* kCurves = "the schedules are as published, without this";
constexpr const char* kOfRanks = "a flag of 'springbok train' too, for ranks that are started one by one";
constexpr const char* kStarted = "ranks need no such flag, whoever starts them: --ranks, torchrun, srun or mpirun";
constexpr const char* kErase = "one region is erased, in every image alike";
constexpr const char* kNoTeacher = "a teacher's scores are learnt from, with --teacher";
constexpr const char* kAlways = "not needed, it is always so";
constexpr const char* kOwn = "the network's own, as published";
constexpr const char* kNotHere = "there is nothing like it here";
constexpr const char* kLoader = "the loader needs no such setting";
constexpr const char* kCompiled = "the network is a fixed graph that runs without a compiler";
constexpr const char* kLog = "every step and epoch stands in the run folder's log.jsonl";
constexpr const char* kEval = "'springbok eval --weights FILE --data SOURCE' evaluates";

constexpr Foreign kRunFlags[] = {
    {"data-path data-dir", "tvm", "data", ""},
    {"dataset", "te", "data", "as KIND:PATH"},
    {"use-lmdb", "m", "data", "as lmdb:PATH"},
    {"dataset-download dataset-trust-remote-code", "t", "", "nothing is downloaded but by 'springbok weights get'"},
    {"split", "t", "split", ""},
    {"train-split val-split", "t", "", "--data names a source with both parts"},
    {"train-num-samples val-num-samples num-samples", "t", "limit", ""},
    {"class-map", "t", "classes", "classes match by name"},
    {"input-key target-key", "t", "", "a sample's files are told by their endings"},
    {"config c", "t", "recipe", "a TOML file"},
    {"output output-dir save-dir experiment exp", "tvem", "out", ""},
    {"resume-param resume-epoch start-epoch", "tvem", "resume", "it goes on where the checkpoint stopped"},
    {"no-resume-opt", "t", "init", "it takes weights and nothing else of a checkpoint"},
    {"j num-data-workers num-workers", "tvem", "workers", ""},
    {"seed", "t", "seed", "evaluation draws nothing at random"},
    {"worker-seeding", "t", "", "results do not depend on the number of workers"},
    {"log-interval log-freq print-freq p", "tvem", "log_seconds", "in seconds"},
    {"logging-file log-dir", "tm", "", kLog},
    {"log-wandb", "t", "tensorboard", kLog},
    {"wandb-project wandb-tags wandb-resume-id", "t", "", kLog},
    {"recovery-interval", "t", "checkpoint_steps", ""},
    {"checkpoint-hist", "t", "keep", ""},
    {"val-interval", "t", "", "each epoch ends with an evaluation"},
    {"eval-metric", "t", "", "the best epoch is the one with the highest top-1"},
    {"test-only evaluate e", "ve", "", kEval},
    {"train", "e", "", "'springbok train' trains"},
    {"save-images", "t", "", "'springbok data show' writes a sheet of augmented images"},
    {"model-info", "m", "", "'springbok models summary NAME' shows it"},
    {"pin-mem no-prefetcher use-multi-epochs-loader cache-dataset loader-prefetch-factor", "tv", "", kLoader},
    {"device", "tv", "device", ""},
    {"devices gpu", "em", "device", "one device, cuda:N"},
    {"device-modules num-gpu", "t", "device", "one device a process; --ranks starts several"},
    {"num-gpus g", "e", "global_batch", "so many images a step on fewer devices, with a smaller --batch-size"},
    {"world-size rank dist-url", "vem", "", kOfRanks},
    {"local-rank no-ddp-bb synchronize-step apex-ddp", "tm", "", kStarted},
    {"multiprocessing-distributed", "e", "", "--ranks auto starts as many ranks as there are cores"},
    {"dist-backend", "e", "", "Gloo on the CPU, NCCL in builds with CUDA"},
    {"sync-bn", "tvm", "norm", "--norm syncbn; on one rank it is plain batch norm"},
    {"dist-bn", "t", "bn_stats", "reduce is average there"},
    {"split-bn", "t", "", kNotHere},
    {"amp apex-amp native-amp", "tvm", "precision", "bf16 or fp16"},
    {"amp-dtype", "t", "precision", ""},
    {"dtype", "m", "precision", ""},
    {"model-dtype", "t", "precision", "weights stay float32"},
    {"amp-impl", "t", "precision", "there is one kind of mixed precision, PyTorch's autocast"},
    {"fp16", "em", "precision", "--precision fp16"},
    {"static-loss-scale", "e", "loss_scale", "gradients are divided by it again; --loss-scale-kept does not, as there"},
    {"use-deterministic-algorithms", "v", "", kAlways},
};

constexpr Foreign kModelFlags[] = {
    {"arch a m", "te", "model", ""},
    {"pretrained pretrained-path initial-checkpoint", "tv", "init", "a file; 'springbok weights get' downloads one"},
    {"weights", "v", "init", "a file; 'springbok weights get' downloads one"},
    {"checkpoint param-path", "tm", "weights", ""},
    {"use-ema", "t", "entry", "such as --entry state_dict_ema"},
    {"num-classes", "t", "num_classes", "without it, the outputs are the classes of the data"},
    {"gp test-pool", "t", "", kOwn},
    {"bn-momentum bn-eps", "t", "", kOwn},
    {"head-init-scale head-init-bias", "t", "", kOwn},
    {"freeze-bn", "e", "norm", "--norm frozen"},
    {"norm-layer", "m", "norm", ""},
    {"last-gamma", "m", "last_gamma", ""},
    {"alpha", "m", "model", "the width is part of the name"},
    {"model-kwargs", "t", "", "'springbok train --help' lists a model's options"},
    {"drop", "t", "dropout", ""},
    {"drop-connect", "t", "drop_path", ""},
    {"channels-last", "t", "", kAlways},
    {"fuser torchscript torchcompile torchcompile-mode aot-autograd fast-norm reparam", "t", "", kCompiled},
    {"grad-checkpointing", "t", "recompute", ""},
    {"model-ema model-ema-decay", "tv", "ema_decay", "such as 0.9998"},
    {"model-ema-steps", "v", "ema_every", ""},
    {"model-ema-warmup", "t", "ema_warmup", ""},
    {"model-ema-force-cpu", "t", "", "the average lies where the weights are"},
    {"kd-model-name", "t", "teacher", "a file with its weights"},
    {"kd-temperature", "t", "distil_temperature", ""},
    {"distill-loss-weight task-loss-weight", "t", "distil_alpha", "the teacher's share; the rest is the loss's"},
    {"kd-distill-type kd-loss-type kd-student-feature-dim kd-teacher-feature-dim kd-token-distill-type", "t", "",
     kNoTeacher},
    {"naflex-loader naflex-train-seq-lens naflex-max-seq-len naflex-patch-sizes naflex-patch-size-probs "
     "naflex-loss-scale",
     "t", "", kNotHere},
};

constexpr Foreign kImageFlags[] = {
    {"img-size input-size val-crop-size crop-size", "tvem", "size", "one number"},
    {"train-crop-size", "v", "train_size", "--size is that of evaluation"},
    {"use-train-size", "t", "size", ""},
    {"mean std", "t", "mean std", "they are stored with the weights"},
    {"in-chans input-img-mode", "t", "channels", "1 or 3"},
    {"crop-pct", "t", "crop_ratio", ""},
    {"val-resize-size", "v", "crop_ratio", "size / that"},
    {"crop-mode crop-border-pixels train-crop-mode", "t", "crop_ratio", "the centre is cropped in evaluation"},
    {"train-interpolation", "t", "interpolation", "one filter for training and evaluation"},
    {"backend use-v2 tf-preprocessing", "tv", "resampler", "pixels are Pillow's"},
    {"no-aug", "t", "crop flip", "--crop none --flip 0"},
    {"scale", "t", "scale_min scale_max", ""},
    {"ratio", "t", "ratio_min ratio_max", ""},
    {"hflip", "t", "flip", ""},
    {"vflip", "t", "", "images are flipped from left to right only"},
    {"color-jitter", "t", "brightness contrast saturation hue", ""},
    {"color-jitter-prob grayscale-prob gaussian-blur-prob", "t", "", kNotHere},
    {"aa", "t", "auto_augment", "which takes timm's texts, such as rand-m9-mstd0.5-inc1"},
    {"autoaugment transform", "m", "auto_augment", ""},
    {"padding", "m", "pad", "with --crop pad"},
    {"transform", "m", "auto_augment", "its 'normal' is none"},
    {"padding", "m", "pad", "with --crop pad"},
    {"ra-magnitude", "v", "rand_magnitude", ""},
    {"aug-repeats ra-sampler ra-reps", "tv", "repeat_augment", ""},
    {"aug-splits jsd-loss", "t", "",
     "--auto-augment augmix mixes chains without splits; "
     "the loss is cross-entropy"},
    {"reprob random-erase", "tv", "random_erasing", ""},
    {"remode", "t", "random_erasing_fill", "mean, pixel or colour"},
    {"recount resplit", "t", "", kErase},
    {"mixup-alpha", "vm", "mixup", "its Beta's parameter"},
    {"cutmix-alpha", "v", "cutmix", "its Beta's parameter"},
    {"cutmix-minmax", "t", "cutmix_max", "its two numbers are --cutmix-min and --cutmix-max"},
    {"mixup-mode", "t", "mix_mode", "batch, elem or pair; with --mix-partner flipped"},
    {"mixup-prob", "t", "mix_prob", ""},
    {"mixup-switch-prob", "t", "cutmix_odds", ""},
    {"tta", "t", "", "'springbok eval --tta flip' mirrors each image too"},
};

constexpr Foreign kOptimiserFlags[] = {
    {"b", "tve", "batch_size", ""},
    {"validation-batch-size vb", "t", "batch_size", "evaluation takes as many"},
    {"grad-accum-steps", "t", "accumulate", ""},
    {"opt", "tv", "optimizer", "one of sgd, adam, adamw, rmsprop, rmsprop_tf, lamb, lion and muon"},
    {"opt-eps", "t", "eps", ""},
    {"opt-betas", "t", "beta1 beta2", "a number each"},
    {"sgd-gc", "m", "centralise", "--centralise conv; toolbox is torch-toolbox's form"},
    {"opt-kwargs", "t", "", kNoSuchForm},
    {"lookahead", "m", "lookahead_k", "--lookahead-k 5; --lookahead-form toolbox is torch-toolbox's form"},
    {"wd", "vem", "weight_decay", ""},
    {"norm-weight-decay bias-weight-decay no-wd", "vm", "norm_decay",
     "--no-norm-decay: none for normalisation layers and biases"},
    {"transformer-embedding-decay", "v", "", "there are no transformers here"},
    {"last-mult", "e", "last_mult", ""},
    {"layer-decay-min-scale layer-decay-no-opt-scale", "t", "", "--layer-decay has no least factor"},
    {"clip-grad clip-grad-norm", "tv", "clip_norm", ""},
    {"clip-mode", "t", "clip_norm clip_value agc", "a flag each"},
    {"smoothing", "t", "label_smoothing", ""},
    {"bce-loss", "t", "loss", "--loss bce"},
    {"bce-target-thresh", "t", "bce_threshold", ""},
    {"learning-rate base-lr", "e", "lr", ""},
    {"lr-base", "t", "lr", "with --lr-per, the images a step it is meant for"},
    {"lr-base-size lr-base-scale", "t", "lr_per", "lr grows in proportion"},
    {"sched lr-scheduler", "tv", "schedule", "one of cosine, step, exponential, poly, onecycle, plateau and constant"},
    {"sched-on-updates", "t", "", kAlways},
    {"warmup-prefix", "t", "warmup_prefix", "true unless --no-warmup-prefix"},
    {"lr-warmup-epochs", "v", "warmup_epochs", ""},
    {"lr-warmup-method", "v", "warmup", "linear or constant"},
    {"lr-warmup-decay", "v", "warmup_lr", "lr times that"},
    {"lr-step-size decay-epochs decay-milestones", "tv", "step_epochs", "a list, such as 30,60,80"},
    {"lr-gamma decay-rate dr", "tv", "gamma", ""},
    {"lr-min min-lr", "tv", "final_lr", ""},
    {"epoch-repeats", "t", "epochs", "an epoch is once over the data"},
    {"lr-cycle-mul", "t", "cycle_mul", "with --cycle-epochs"},
    {"lr-cycle-decay", "t", "cycle_decay", "with --cycle-epochs"},
    {"lr-cycle-limit", "t", "cycle_limit", "with --cycle-epochs"},
    {"patience-epochs", "t", "plateau_patience", "with --schedule plateau"},
    {"cooldown-epochs", "t", "", "epochs are those of --epochs, none is added"},
    {"lr-noise lr-noise-pct lr-noise-std lr-k-decay", "t", "", kCurves},
};

constexpr Foreign kEvaluationFlags[] = {
    {"results-file results-format", "t", "predictions json", ""},
    {"real-labels valid-labels", "t", "", "the data say the classes"},
    {"metrics-avg", "t", "per_class", ""},
    {"retry", "t", "batch_size", "a smaller one needs less memory"},
};

/// `--lr-Scheduler=x`, `lr_scheduler`, `-b32` -> `lr-scheduler`, `b`.
std::string bare(const std::string& word) {
  const std::size_t begin = std::min(word.find_first_not_of('-'), word.size());
  std::string name = word.substr(begin, word.find('=') - begin);
  std::replace(name.begin(), name.end(), '_', '-');
  const bool with_value =
      begin == 1 && name.size() > 1 && name.find_first_not_of("0123456789.", 1) == std::string::npos;
  return with_value ? name.substr(0, 1) : name;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

const Foreign* find(const std::string& name) {
  for (const std::span<const Foreign> table :
       {std::span<const Foreign>(kRunFlags), std::span<const Foreign>(kModelFlags),
        std::span<const Foreign>(kImageFlags), std::span<const Foreign>(kOptimiserFlags),
        std::span<const Foreign>(kEvaluationFlags)}) {
    for (const Foreign& row : table) {
      const std::vector<std::string> names = words_of(row.names);
      if (std::find(names.begin(), names.end(), name) != names.end()) return &row;
    }
  }
  return nullptr;
}

/// `timm's and torchvision's`.
std::string owners(const Foreign& row) {
  std::vector<std::string> names;
  for (const char letter : std::string_view(row.whose)) {
    names.emplace_back(letter == 't'   ? "timm's"
                       : letter == 'v' ? "torchvision's"
                       : letter == 'e' ? "Elastic's"
                                       : "ModelZoo's");
  }
  const std::string last = names.back();
  names.pop_back();
  return names.empty() ? last : join(names) + " and " + last;
}

}  // namespace

std::string foreign_hint(const std::string& word, const Options& options) {
  const Foreign* row = find(bare(word));
  if (row == nullptr) return "";
  std::vector<std::string> flags;
  for (const std::string& key : words_of(row->keys)) {
    if (find_option(options, key) == nullptr) continue;
    flags.push_back(format("'{}'", word.starts_with('-') ? flag_name(key) : key));
  }
  const std::string_view note = row->note;
  std::string hint = owners(*row);
  if (!flags.empty()) hint += "; here it is " + join(flags);
  if (flags.empty() && !std::string_view(row->keys).empty()) hint += "; this command has nothing like it";
  if (!note.empty()) hint += format("; {}", note);
  return " (" + hint + ")";
}

}  // namespace springbok::recipe
