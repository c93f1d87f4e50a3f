// The table of training options: key, help, field, range or choices.
#include <algorithm>
#include <limits>

#include "springbok/recipe/learn_options.h"
#include "springbok/recipe/recipe.h"
#include "springbok/recipe/task.h"
#include "springbok/weights/fit/allow.h"

namespace springbok::recipe {
namespace {

constexpr double kAny = std::numeric_limits<double>::infinity();
constexpr double kMostCount = 1e9;                  // of what is multiplied with another count
constexpr double kLargestExact = 9007199254740992;  // 2^53: every whole number up to it is exact in JSON

Options grouped(const char* group, Options options) {
  for (Option& option : options) option.group = group;
  return options;
}

Options run_options(Recipe& r) {
  return {
      {"data", std::string("training and validation images: PATH, or KIND:PATH with KIND ") + data::kSourceKinds,
       &r.data},
      {"out", "run folder: recipe, log, checkpoints, released weights", &r.out},
      {"resume", "go on from a checkpoint: auto (the run folder's last, if there is one), FILE, or the last of RUN",
       &r.resume},
      {"workers", "loading threads; 0 loads in the computing thread, -1 chooses from the cores", &r.workers, -1, 1024},
      {"device", "where it computes: cpu, cuda (the first) or cuda:N", &r.device},
      {"cuda_graphs",
       "cuda: forward and backward of full batches are captured once and played again, where they can be",
       &r.cuda_graphs},
      {"threads", "compute threads; 0 chooses from the cores", &r.threads, 0, 1024},
      {"recompute",
       "keep what enters a block only, and compute the rest again for the gradients: less memory, same bits",
       &r.recompute},
      {"log_seconds", "seconds between progress lines where no terminal shows a bar", &r.log_seconds, 0, kAny},
      {"checkpoint_steps", "save after every so many steps too; 0: after epochs only", &r.checkpoint_steps, 0,
       kLargestExact},
      {"keep", "last checkpoints to keep, beside the best", &r.keep, 1, kMostCount},
      {"keep_every", "keep the checkpoint of every so many epochs for good; 0: of none", &r.keep_every, 0, kMostCount},
      {"tensorboard", "write event files for TensorBoard too, in the run folder's tensorboard/", &r.tensorboard},
  };
}

Options ramp_options(Recipe& r) {
  return {
      {"dropout_from", "dropout rises from this probability at the first step, over the run; -1: constant",
       &r.drop_from.dropout, -1, 1},
      {"drop_path_from", "drop_path rises from this probability at the first step; -1: constant",
       &r.drop_from.drop_path, -1, 1},
      {"drop_block_from", "drop_block rises from this share at the first step (DropBlock's paper: 0); -1: constant",
       &r.drop_from.drop_block, -1, 1},
  };
}

Options model_options(Recipe& r) {
  Options options = {
      {"model", "the network; 'springbok models list' names them", &r.model},
      {"init", "weights to start from: any file that predict opens; empty: new values", &r.init},
      {"init_form",
       "init: what fits the network; or as Elastic's scripts go on from their checkpoints, with optimizer and epoch "
       "where the file is of the same task",
       &r.init_form, -kAny, kAny, init_forms()},
      {"pretrained",
       "fine-tune: published weights by their name ('springbok weights get' lists them), or a file; sets init, the "
       "network and its preprocessing, and starts another head anew",
       &r.pretrained},
      {"allow",
       "how the init file may fall short: 'head' (another classifier), 'missing', 'shapes', 'unused'; what is not "
       "loaded "
       "starts anew",
       &r.allow, -kAny, kAny, weights::allowable()},
      {"num_classes", "outputs of the network, when more than the data have classes; 0: as many", &r.num_classes, 0,
       1 << 20},
  };
  for (Option& option : init_options(r)) options.push_back(std::move(option));
  for (Option& option : zoo::option_table(r.options)) options.push_back(std::move(option));
  for (Option& option : ramp_options(r)) options.push_back(std::move(option));
  return options;
}

Options image_options(Recipe& r) {
  data::Preprocess& p = r.preprocess;
  return {
      {"limit", "use so many samples of each split, spread evenly; 0: all", &r.limit, 0, kLargestExact},
      {"val_share",
       "share of the training images to validate with, chosen by the hash of their names; 0: the data's own val part",
       &r.val_share, 0, 0.9},
      {"size", "height and width of the network's input; 0: the model's own", &p.size, 0, 8192},
      {"train_size", "height and width of training images, where they differ from those of evaluation; 0: size",
       &r.train_size, 0, 8192},
      {"channels", "1 (grey) or 3 (RGB); 0: as the images are stored", &p.channels, 0, 3},
      {"interpolation", "resizing filter, Pillow's: antialiased but for nearest", &p.interpolation, -kAny, kAny,
       image::filter_names()},
      {"resampler", "whose pixels: Pillow's up to 12, or 13's", &p.resampler, -kAny, kAny, image::pass_order_names()},
      {"exif", "orientation that photographs ask for: ignore, as torchvision; or apply, as Pillow's exif_transpose",
       &p.exif, -kAny, kAny, data::exif_names()},
      {"crop_ratio", "evaluation: shorter side to size / crop_ratio, then centre crop", &p.crop_ratio, 0.1, 1},
      {"fit", "how evaluation, and crop = none, bring images to the size: by crop_ratio, or squashed to it", &p.fit,
       -kAny, kAny, data::fit_names()},
      {"mean", "mean of pixels in [0,1], one per channel; empty: ImageNet's", &p.mean, -data::kLargestStatistic,
       data::kLargestStatistic},
      {"std", "their standard deviation, one per channel; empty: ImageNet's", &p.std, data::kLeastStd,
       data::kLargestStatistic},
      {"on_bad_image",
       "training images that cannot be loaded stop the run, or are left out and counted; evaluation always stops",
       &r.on_bad_image, -kAny, kAny, data::kOnBadImageNames},
      {"damaged_jpeg",
       "JPEGs with damage that Pillow reads over are bad images, or read with Pillow's pixels and counted",
       &r.damaged_jpeg, -kAny, kAny, data::kDamagedJpegNames},
  };
}

Options augment_options(Recipe& r) {
  Options options = data::option_table(r.augment);
  const Options own{
      {"mixup", "mix each step's images by a share drawn from Beta(x, x); 0: no mixup", &r.mix.mixup, 0, 1000},
      {"cutmix", "paste a part of one image into the next, its share from Beta(x, x); 0: no CutMix", &r.mix.cutmix, 0,
       1000},
      {"mix_prob", "probability that a step is mixed at all", &r.mix.prob, 0, 1},
      {"cutmix_odds", "with mixup and cutmix both: share of the mixed steps that take CutMix", &r.mix.cutmix_odds, 0,
       1},
      {"mix_mode",
       "what is drawn alike: a step's images, or as timm: each image by itself ('elem'), or it and its mirror in the "
       "batch ('pair')",
       &r.mix.mode, -kAny, kAny, data::mix_mode_names()},
      {"mix_partner",
       "what an image is mixed with: the one before it in the step; as timm and torch-toolbox, its batch turned round "
       "('flipped'); or its batch in random order",
       &r.mix.partner, -kAny, kAny, data::mix_partner_names()},
      {"cutmix_share", "what an image keeps of its class: what the box leaves of its area, or the share as drawn",
       &r.mix.share, -kAny, kAny, data::cutmix_share_names()},
      {"cutmix_box", "boxes lose a row or column where their sides are odd (even), or keep it as timm (odd)",
       &r.mix.box, -kAny, kAny, data::cutmix_box_names()},
      {"cutmix_min", "least share of the image's side that a box's side takes (timm's cutmix_minmax), with cutmix_max",
       &r.mix.box_min, 0, 1},
      {"cutmix_max", "largest such share; boxes then lie whole inside, whatever cutmix says of the share; 0: by share",
       &r.mix.box_max, 0, 1},
      {"mixup_off_epoch", "the first epoch, counted from 0, that mixes nothing more; 0: all mix", &r.mix.off_epoch, 0,
       kMostCount},
      {"sampler", "each image once an epoch, or the classes by turns (balanced); an epoch keeps its length", &r.sampler,
       -kAny, kAny, data::sampler_names()},
      {"shuffle_buffer",
       "of tar shards: shards come in random order, and so many neighbours are mixed; 0: all images, or over the net "
       "what "
       "lies in 128 MB",
       &r.shuffle_buffer, 0, kLargestExact},
      {"progressive_size",
       "train the first epoch at this size, and grow to the full one (progressive resizing); 0: full size throughout",
       &r.progressive.size, 0, 8192},
      {"progressive_epochs", "epochs after which images have their full size; 0: in the last epoch",
       &r.progressive.epochs, 0, kMostCount},
      {"progressive_step", "progressive sizes are multiples of this", &r.progressive.step, 1, 8192},
      {"repeat_augment", "each image stands so often in a row, augmented anew; an epoch keeps its length",
       &r.repeat_augment, 1, 100},
  };
  options.insert(options.end(), own.begin(), own.end());
  return options;
}

Options optimisation_options(Recipe& r) {
  return {
      {"epochs", "passes over the training images", &r.epochs, 1, kMostCount},
      {"batch_size", "images in one pass through the network", &r.batch_size, 1, kMostCount},
      {"accumulate", "batches whose gradients make one step (effective batch = batch_size x accumulate)", &r.accumulate,
       1, kMostCount},
      {"global_batch",
       "images a step, whatever fits in a batch: accumulate is global_batch / batch_size; 0: as accumulate says",
       &r.global_batch, 0, kMostCount},
      {"drop_last", "leave out an epoch's last batch when it is not full", &r.drop_last},
      {"drop_last_step",
       "leave out an epoch's last step when it is not full; its batches still move running statistics, as Elastic's",
       &r.drop_last_step},
      {"seed", "of initialisation, order, augmentation and dropout", &r.seed, 0, kLargestExact},
      {"optimizer", "what moves the weights: PyTorch's sgd, adam, adamw, rmsprop, muon; timm's rmsprop_tf, lamb, lion",
       &r.optimizer.kind, -kAny, kAny, optimizer_kinds()},
      {"momentum", "of SGD, RMSprop and Muon", &r.optimizer.momentum, 0, 1},
      {"beta1", "adam, adamw, lamb, lion: decay of the gradient's moving average", &r.optimizer.beta1, 0, 0.999999},
      {"beta2", "of the squared gradient's (Lion: the second of the gradient's); 0: 0.999, Lion 0.99",
       &r.optimizer.beta2, 0, 0.9999999},
      {"rms_alpha", "rmsprop: decay of the squared gradient's moving average; 0: 0.99, rmsprop_tf 0.9",
       &r.optimizer.alpha, 0, 0.9999999},
      {"eps", "of all but SGD and Lion, added to the root; 0: 1e-8, LAMB 1e-6, rmsprop_tf 1e-10", &r.optimizer.eps, 0,
       1},
      {"centralise",
       "gradients that lose their mean before the update (gradient centralisation); toolbox: of convolutions, after "
       "weight decay, as torch-toolbox's SGD_GC",
       &r.optimizer.centralise, -kAny, kAny, centralise_names()},
      {"nesterov", "Nesterov's form of momentum", &r.optimizer.nesterov},
      {"weight_decay", "L2 penalty, added to the gradient; adamw, lamb, lion: apart from it", &r.optimizer.weight_decay,
       0, kAny},
      {"norm_decay", "decay the weights of normalisation layers, and biases, too", &r.optimizer.norm_decay},
      {"label_smoothing", "share of the target that is spread over all classes", &r.label_smoothing, 0, 1},
      {"ema_decay", "keep a moving average of the weights with this decay a step, and evaluate and release it; 0: none",
       &r.ema_decay, 0, 0.9999999},
      {"clip_norm", "largest L2 norm of all gradients together; 0: no clipping", &r.clip_norm, 0, kAny},
  };
}

Options precision_options(Recipe& r) {
  LossScaleSettings& s = r.loss_scale;
  constexpr double kLeastFactor = 1e-6;
  return {
      {"precision",
       "fp32, or mixed: bf16 or fp16 where PyTorch's autocast has it; weights and statistics of norms stay float32",
       &r.precision, -kAny, kAny, precision_names()},
      {"loss_scale",
       "factor of the loss whose inverse the gradients get: auto (dynamic with fp16, else none), none, dynamic, or a "
       "number",
       &s.rule},
      {"loss_scale_init", "dynamic: the first scale", &s.init, kLeastFactor, 1e38},
      {"loss_scale_growth", "dynamic: its factor after so many good steps", &s.growth, 1 + kLeastFactor, 1e6},
      {"loss_scale_backoff", "dynamic: its factor after a step whose gradients overflow, which is left out", &s.backoff,
       kLeastFactor, 1 - kLeastFactor},
      {"loss_scale_interval", "dynamic: good steps in a row before it grows", &s.interval, 1, kMostCount},
      {"loss_scale_kept", "a number: gradients keep it, as with Elastic's --static-loss-scale, where it acts as a rate",
       &s.kept},
  };
}

/// When a run ends before its time, or goes on in spite of a bad step.
Options ending_options(Recipe& r) {
  return {
      {"early_stop", "end after so many epochs without a better evaluation; 0: never", &r.early_stop, 0, kMostCount},
      {"on_nan",
       "a step whose loss or gradients are not finite: stop the run, skip its update, or roll back to the last "
       "checkpoint, and to the one before where that led there again",
       &r.on_nan.policy, -kAny, kAny, kNanPolicies},
      {"nan_limit", "skip, rollback: so often at most, then the run stops", &r.on_nan.limit, 1, kMostCount},
      {"nan_lr", "rollback: factor on the learning rate from there on, each time", &r.on_nan.lr, 1e-9, 1},
      {"nan_seed", "rollback: draw order, augmentation and dropout anew from there on", &r.on_nan.seed},
  };
}

Options rate_options(Recipe& r) {
  return {
      {"lr", "learning rate after the warm-up", &r.rate.lr, 0, kAny},
      {"lr_per", "lr is meant for so many images a step and scaled to the effective batch (lr_scaling); 0: as it is",
       &r.lr_per, 0, kMostCount},
      {"schedule",
       "curve of the learning rate; plateau: constant, lowered where the goal stays; toolbox-cosine: torch-toolbox's, "
       "one step ahead",
       &r.rate.kind, -kAny, kAny, schedule_kinds()},
      {"final_lr", "cosine, toolbox-cosine, poly: learning rate at the end", &r.rate.final_lr, 0, kAny},
      {"gamma", "step: factor at each of step_epochs; exponential: factor per epoch", &r.rate.gamma, 0, 1},
      {"step_epochs", "step: epochs at which lr is multiplied by gamma, warm-up included", &r.rate.step_epochs},
      {"power", "poly: exponent", &r.rate.power, 0, 100},
      {"warmup_epochs", "epochs in which lr rises from warmup_lr", &r.warmup_epochs, 0, kMostCount},
      {"warmup_lr", "learning rate of the first step of the warm-up", &r.rate.warmup_lr, 0, kAny},
  };
}

}  // namespace

Options option_table(Recipe& recipe) {
  Options all;
  for (Options part :
       {grouped("Run", run_options(recipe)), grouped("Model", model_options(recipe)),
        grouped("Task", task_options(recipe)), grouped("Images", image_options(recipe)),
        grouped("Augmentation", augment_options(recipe)), grouped("Optimisation", optimisation_options(recipe)),
        grouped("Optimisation", learn_options(recipe)), grouped("Loss", option_table(recipe.loss)),
        grouped("Learning rate", rate_options(recipe)), grouped("Learning rate", curve_options(recipe)),
        grouped("Precision", precision_options(recipe)), grouped("Ending", ending_options(recipe))}) {
    for (Option& option : part) all.push_back(std::move(option));
  }
  return all;
}

bool is_run_key(const std::string& key) {
  static const std::vector<std::string> keys = [] {
    Recipe recipe;
    std::vector<std::string> list;
    for (const Option& option : run_options(recipe)) list.push_back(option.key);
    return list;
  }();
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

}  // namespace springbok::recipe
