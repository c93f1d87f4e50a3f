// Golden files of Elastic's checkpoints: what each script takes from which file.
#include <algorithm>
#include <regex>

#include "springbok/base/error.h"
#include "springbok/recipe/schedule.h"
#include "springbok/weights/fit/elastic_resume.h"
#include "springbok/zoo/zoo.h"
#include "tests/golden/functions/elastic.h"

namespace springbok::golden {
namespace {

using nlohmann::json;
using weights::ElasticFile;
using weights::ElasticResume;
using weights::ElasticScript;

/// A case in words: the network, and the file that the script gets.
struct Case {
  graph::Graph network;
  std::optional<ElasticFile> file;
};

std::vector<weights::NamedShape> names_of(const graph::Graph& graph, const std::string& prefix) {
  std::vector<weights::NamedShape> names;
  for (const graph::Param& param : graph.params()) {
    names.push_back({prefix + param.name, param.integer ? graph::Shape{} : param.shape});
  }
  return names;
}

/// The file's epoch: in the line that the script prints, if it comes so far.
std::optional<std::int64_t> epoch_of(const json& wanted, std::optional<std::int64_t> otherwise) {
  std::smatch match;
  for (const json& line : Sheet::need(wanted, "printed")) {
    const std::string text = line;
    if (std::regex_search(text, match, std::regex("\\(epoch ([0-9]+)\\)"))) return std::stoll(match[1]);
  }
  return otherwise;
}

double number_in(const std::string& text, const std::string& pattern) {
  std::smatch match;
  if (!std::regex_search(text, match, std::regex(pattern))) fail("the words '{}' are not known", text);
  return std::stod(match[1]);
}

/// The parameters of a small network of a file, of other numbers where asked.
struct Small {
  std::string head = "fc";
  std::int64_t classes = 0, width = 4;
  bool norm = true, squeeze = false, bias = true;
};

graph::Graph small_net(const Small& net) {
  graph::Graph graph;
  const auto add = [&](const std::string& name, const graph::Shape& shape, bool buffer = false) {
    graph.append(graph::Param{.name = name, .shape = shape, .buffer = buffer});
  };
  add("conv1.weight", {net.width, 3, 3, 3});
  if (net.norm) {
    for (const char* name : {"bn1.weight", "bn1.bias"}) add(name, {net.width});
    for (const char* name : {"bn1.running_mean", "bn1.running_var"}) add(name, {net.width}, true);
    graph.append(graph::Param{.name = "bn1.num_batches_tracked", .buffer = true, .integer = true});
  }
  add(net.head + ".weight", {net.classes, net.width});
  if (net.bias) add(net.head + ".bias", {net.classes});
  if (net.squeeze) {
    add("squeeze_fc1.weight", {net.width, net.width});
    add("squeeze_fc1.bias", {net.width});
  }
  return graph;
}

/// The classes of the file's own small network.
std::int64_t classes_of(const Sheet& sheet) {
  for (const json& entry : sheet.at("state_dict")) {
    if (entry.at(0) == "fc.weight") return entry.at(1).at(0);
  }
  fail("the net has no fc");
}

ElasticFile whole_file(const graph::Graph& graph, const std::string& prefix, std::optional<std::int64_t> epoch) {
  return {.state_dict = names_of(graph, prefix), .optimizer = true, .epoch = epoch};
}

std::optional<Case> imagenet_case(const Sheet& sheet, const json& wanted) {
  const std::string text = Sheet::need(wanted, "case");
  const bool docker = Sheet::need(wanted, "script") == "docker_classify.py";
  const std::string prefix = docker ? "" : "module.";
  const std::int64_t classes = classes_of(sheet), epoch = Sheet::need(sheet.at("checkpoint"), "epoch");
  Case made{.network = small_net({.classes = classes}), .file = {}};
  made.file = whole_file(made.network, prefix, epoch);
  if (text.starts_with("as saved by a run with")) return made;
  if (text == "keys with the other script's prefix") {
    made.file->state_dict = names_of(made.network, docker ? "module." : "");
  } else if (text == "a best_err key beside best_err1") {
    made.file->best_err = sheet.at("checkpoint").at("best_err1");
  } else if (text == "only a state_dict") {
    made.file = ElasticFile{.state_dict = made.file->state_dict};
  } else if (text == "no state_dict") {
    made.file = ElasticFile{.epoch = epoch_of(wanted, {})};
  } else if (text == "another number of classes") {
    made.file->state_dict = names_of(small_net({.classes = classes + 1}), prefix);
  } else if (text == "no such file") {
    made.file.reset();
  } else {
    return std::nullopt;
  }
  return made;
}

/// Of a published network: the file has the state and the epoch alone.
Case published_case(const json& wanted, std::int64_t classes, std::int64_t file_classes) {
  const std::string arch = Sheet::need(wanted, "arch");
  ElasticFile file{.state_dict = names_of(zoo::build(arch, {.classes = file_classes}), "module."),
                   .epoch = epoch_of(wanted, {})};
  return {.network = zoo::build(arch, {.classes = classes}), .file = std::move(file)};
}

std::optional<Case> labels_case(const Sheet& sheet, const json& wanted) {
  const std::string text = Sheet::need(wanted, "case"), module = "module.";
  const std::int64_t classes = classes_of(sheet);
  const auto epoch = static_cast<std::int64_t>(number_in(sheet.at("checkpoint"), "^epoch ([0-9]+)"));
  std::smatch match;
  if (std::regex_match(text, match, std::regex("the network itself with ([0-9]+) classes"))) {
    return published_case(wanted, classes, std::stoll(match[1]));
  }
  Small net{.classes = classes}, file = net;
  if (std::regex_match(text, match, std::regex("head (fc|classifier) of ([0-9]+) classes"))) {
    net.head = file.head = match[1];
    file.classes = std::stoll(match[2]);
  } else if (std::regex_match(text, match, std::regex("another layer has fc in its name; ([0-9]+) classes"))) {
    net.norm = file.norm = false;
    net.squeeze = file.squeeze = true;
    file.classes = std::stoll(match[1]);
  } else if (std::regex_match(text, match, std::regex("the file has (fc|classifier), the network (fc|classifier)"))) {
    file.head = match[1];
    net.head = match[2];
  } else if (std::regex_match(text, std::regex("head weight of [0-9]+ classes, no bias"))) {
    file.bias = false;
  } else if (std::regex_match(text, std::regex("[0-9]+ classes but another width inside"))) {
    file.width *= 2;
  }
  const bool bare = std::regex_match(text, std::regex("head of [0-9]+ classes, keys without `module.`"));
  Case made{.network = small_net(net), .file = whole_file(small_net(file), bare ? "" : module, epoch)};
  const bool changed = bare || file.classes != net.classes || file.head != net.head || file.bias != net.bias ||
                       file.width != net.width || net.squeeze || !match.empty();
  if (changed) return made;
  if (std::regex_match(text, std::regex("head of [0-9]+ classes, only a state_dict"))) {
    made.file = ElasticFile{.state_dict = made.file->state_dict};
  } else if (text == "no state_dict") {
    made.file->state_dict.reset();
  } else if (text == "no such file") {
    made.file.reset();
  } else {
    return std::nullopt;
  }
  return made;
}

std::optional<Case> pixels_case(const Sheet& /*sheet*/, const json& wanted) {
  constexpr std::int64_t kClasses = 21;
  const std::string text = Sheet::need(wanted, "case"), arch = Sheet::need(wanted, "arch");
  Case made{.network = zoo::build(arch + "_seg", {.classes = kClasses}), .file = {}};
  const bool trunk = text == "ImageNet file of the network (1000 classes), keys with `module.`";
  if (trunk || text == "the same without `module.`") {
    made.file = whole_file(zoo::build(arch), trunk ? "module." : "", epoch_of(wanted, {}));
    return made;
  }
  made.file = whole_file(made.network, "module.", epoch_of(wanted, 1));
  if (text == "file of the segmentation network without optimizer") {
    made.file->optimizer = false;
  } else if (text == "the same with its first key missing") {
    made.file->state_dict->erase(made.file->state_dict->begin());
  } else if (text != "file of the segmentation network, whole") {
    return std::nullopt;
  }
  return made;
}

std::string error_of(const json& wanted) {
  const std::string error = wanted.value("error", "");
  if (error.starts_with("RuntimeError")) return "load";
  if (error.starts_with("AttributeError")) return "head";
  if (error.starts_with("KeyError: '")) return error.substr(11, error.size() - 12);
  return error;
}

std::int64_t trained_params(const graph::Graph& graph) {
  return std::count_if(graph.params().begin(), graph.params().end(),
                       [](const graph::Param& param) { return !param.buffer && param.trainable; });
}

/// What the optimizer has then: of the file where its state is taken, else of the command.
struct Rates {
  double file_lr = 0, file_decay = 0;  ///< 0: not looked at
  double lr = 0;
  std::vector<double> step_epochs = {};
  std::int64_t epochs = 0;
};

void check_group(Sheet& sheet, const std::string& what, const ElasticResume& resume, const Rates& rates,
                 const json& group) {
  if (resume.optimizer) sheet.near(what + ": weight decay", rates.file_decay, Sheet::need(group, "weight_decay"));
  if (rates.step_epochs.empty()) {
    if (resume.optimizer) sheet.near(what + ": lr", rates.file_lr, Sheet::need(group, "lr"));
    return;
  }
  const recipe::Schedule schedule{.kind = recipe::ScheduleKind::step,
                                  .lr = rates.lr,
                                  .step_epochs = rates.step_epochs,
                                  .total_steps = rates.epochs,
                                  .steps_per_epoch = 1};
  const bool trains = resume.start_epoch < rates.epochs && resume.error.empty();  // a finished run sets no rate
  sheet.near(what + ": lr", trains ? learning_rate(schedule, resume.start_epoch) : rates.lr, Sheet::need(group, "lr"),
             1e-12, rates.lr);
}

void check_resumed(Sheet& sheet, const std::string& what, const ElasticResume& resume, const graph::Graph& network,
                   const json& wanted) {
  const bool pixels = wanted.contains("true_resume");
  std::vector<std::string> missing = resume.missing;
  if (!pixels) std::sort(missing.begin(), missing.end());  // as those files list them
  check_names(sheet, what + ": loaded", resume.loaded, Sheet::need(wanted, "loaded"));
  check_names(sheet, what + ": not loaded", missing, Sheet::need(wanted, "not_loaded"));
  check_names(sheet, what + ": unexpected", resume.unexpected, Sheet::need(wanted, "unexpected"));
  sheet.equal(what + ": epoch", resume.start_epoch, Sheet::need(wanted, "start_epoch"));
  const bool load_error = resume.error == "shapes" || resume.error == "names";
  sheet.equal(what + ": error", load_error ? "load" : resume.error, error_of(wanted));
  sheet.equal(what + ": momentum", resume.optimizer ? trained_params(network) : 0,
              Sheet::need(wanted, "momentum_buffers"));
  if (pixels) sheet.equal(what + ": true resume", resume.whole, wanted["true_resume"]);
  if (wanted.contains("strict") && !wanted["strict"].is_null())
    sheet.equal(what + ": strict", resume.whole, wanted["strict"]);
  if (wanted.contains("best_err1")) sheet.near(what + ": best", resume.best_err.value_or(100), wanted["best_err1"]);
}

void check_left_out(Sheet& sheet) {
  const json& ups = sheet.at("ups");
  json kept = json::array();
  for (const json& name : Sheet::need(ups.at("net_with_such_names"), "parameters")) {
    if (!weights::elastic_leaves_out(name)) kept.push_back(name);
  }
  sheet.equal("in the optimizer", kept, ups.at("net_with_such_names").at("in_optimizer"));
  for (const auto& [arch, counts] : Sheet::need(ups, "parameters_with_.ups._and_all_by_network").items()) {
    const graph::Graph network = zoo::build(arch);
    std::int64_t left_out = 0;
    for (const graph::Param& param : network.params())
      left_out += !param.buffer && weights::elastic_leaves_out(param.name);
    sheet.equal(arch + ": left out", json::array({left_out, trained_params(network)}), counts);
  }
}

}  // namespace

void check_names(Sheet& sheet, const std::string& what, const std::vector<std::string>& names, const json& wanted) {
  for (const auto& [key, value] : wanted.items()) {
    const std::string where = what + ": " + key;
    if (key == "count") {
      sheet.equal(where, names.size(), value);
    } else if (key == "fnv1a64") {
      sheet.equal(where, digest_of(names), value);
    } else if (key == "keys") {
      sheet.equal(where, names, value);
    } else if (value.size() > names.size()) {
      sheet.expect(false, where + ": fewer names");
    } else if (key == "first") {
      sheet.equal(where, std::vector(names.begin(), names.begin() + std::ssize(value)), value);
    } else if (key == "last") {
      sheet.equal(where, std::vector(names.end() - std::ssize(value), names.end()), value);
    } else {
      sheet.unknown(where);
    }
  }
}

void check_resume(Sheet& sheet) {
  const std::string source = sheet.at("source").at("file");
  const bool labels = source == "multilabel_classify.py", pixels = source == "segment.py";
  Rates rates;
  if (pixels) {
    rates = {.file_lr = number_in(sheet.at("groups_are"), "lr ([0-9.e-]+)"),
             .file_decay = number_in(sheet.at("groups_are"), "weight decay ([0-9.e-]+)")};
  } else if (labels) {
    rates = {.file_decay = number_in(sheet.at("checkpoint"), "weight decay ([0-9.e-]+)"),
             .lr = number_in(sheet.at("checkpoint"), "resumed with lr ([0-9.e-]+)"),
             .step_epochs = {24, 30},
             .epochs = 36};
  } else {
    rates = {.file_decay = sheet.at("checkpoint").at("group").at("weight_decay"),
             .lr = number_in(sheet.at("options"), "lr ([0-9.e-]+)"),
             .step_epochs = {30, 60, 90},
             .epochs = 120};
  }
  for (const json& wanted : sheet.at("cases")) {
    const std::string what =
        wanted.value("arch", wanted.value("script", "")) + " " + Sheet::need(wanted, "case").get<std::string>();
    const std::optional<Case> made = pixels   ? pixels_case(sheet, wanted)
                                     : labels ? labels_case(sheet, wanted)
                                              : imagenet_case(sheet, wanted);
    if (!made) {
      sheet.unknown("case " + what);
      continue;
    }
    const ElasticScript script = pixels                                               ? ElasticScript::segment
                                 : labels                                             ? ElasticScript::multilabel
                                 : wanted.value("script", "") == "docker_classify.py" ? ElasticScript::docker
                                                                                      : ElasticScript::classify;
    const ElasticResume resume = elastic_resume(script, made->network, made->file);
    check_resumed(sheet, what, resume, made->network, wanted);
    const json& groups = wanted.contains("groups") ? wanted["groups"] : json::array({Sheet::need(wanted, "group")});
    for (const json& group : groups) check_group(sheet, what, resume, rates, group);
  }
  if (sheet.file.contains("ups")) check_left_out(sheet);
}

}  // namespace springbok::golden
