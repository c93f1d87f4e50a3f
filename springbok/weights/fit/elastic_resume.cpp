// The rules of Elastic's scripts.
#include "springbok/weights/fit/elastic_resume.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace springbok::weights {
namespace {

constexpr const char* kWrapper = "module.";

using Names = std::vector<NamedShape>;

bool has(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

const NamedShape* find(const Names& names, const std::string& name) {
  const auto at = std::find_if(names.begin(), names.end(), [&](const NamedShape& entry) { return entry.name == name; });
  return at == names.end() ? nullptr : &*at;
}

/// The network's parameters and counters under the names that a script's model has.
Names names_of(const graph::Graph& graph, const std::string& prefix) {
  Names names;
  for (const graph::Param& param : graph.params()) {
    names.push_back({prefix + param.name, param.integer ? graph::Shape{} : param.shape});
  }
  return names;
}

/// PyTorch's load_state_dict: what fits is copied before an error is raised. `prefix` is cut from the names it tells.
void load(const Names& model, const Names& file, bool strict, const std::string& prefix, ElasticResume& resume) {
  std::unordered_map<std::string, const NamedShape*> wanted;
  for (const NamedShape& entry : model) wanted.emplace(entry.name, &entry);
  std::unordered_map<std::string, bool> fits;
  for (const NamedShape& entry : file) {
    const auto at = wanted.find(entry.name);
    if (at == wanted.end()) {
      resume.unexpected.push_back(entry.name);
    } else if (at->second->shape == entry.shape) {
      fits[entry.name] = true;
    } else {
      resume.error = "shapes";
    }
  }
  for (const NamedShape& entry : model) {
    (fits.contains(entry.name) ? resume.loaded : resume.missing).push_back(entry.name.substr(prefix.size()));
  }
  const bool incomplete = !resume.missing.empty() || !resume.unexpected.empty();
  if (strict && incomplete && resume.error.empty()) resume.error = "names";
}

void take_rest(const ElasticFile& file, ElasticResume& resume) {
  if (!resume.error.empty()) return;
  resume.optimizer = file.optimizer;
  resume.start_epoch = file.epoch.value_or(0);
}

/// Whether the file's head has the network's classes: asked of `fc`, then of `classifier`. Nothing where the network
/// lacks the head that the file has.
std::optional<bool> same_head(const Names& model, const Names& file) {
  for (const char* head : {"module.fc.bias", "module.classifier.bias"}) {
    const NamedShape* there = find(file, head);
    if (there == nullptr) continue;
    const NamedShape* here = find(model, head);
    if (here == nullptr) return std::nullopt;
    if (here->shape == there->shape) return true;
  }
  return false;
}

void resume_labels(const Names& model, const ElasticFile& file, ElasticResume& resume) {
  if (!file.state_dict) {
    resume.error = "state_dict";
    return load(model, {}, false, kWrapper, resume);
  }
  const std::optional<bool> same = same_head(model, *file.state_dict);
  if (!same) {
    resume.error = "head";
    return load(model, {}, false, kWrapper, resume);
  }
  resume.whole = *same;
  Names kept = *file.state_dict;
  if (!resume.whole) {
    std::erase_if(kept, [](const NamedShape& entry) { return has(entry.name, "classifier") || has(entry.name, "fc"); });
  }
  load(model, kept, false, kWrapper, resume);
  if (resume.whole) take_rest(file, resume);
}

/// A trunk's file for a DLA: its names lose `module.`, or as many characters of whatever they are, and stand in `base`.
void load_base(const Names& model, const Names& file, ElasticResume& resume) {
  const std::string wrapper = kWrapper, base = wrapper + "base.";
  std::unordered_set<std::string> seen;  // names that are the same when cut stand where the first stood
  Names cut;
  for (const NamedShape& entry : file) {
    const std::string name = entry.name.substr(std::min(wrapper.size(), entry.name.size()));
    if (seen.insert(name).second) cut.push_back({name, entry.shape});
  }
  Names trunk;
  for (const NamedShape& entry : model) {
    if (entry.name.starts_with(base)) trunk.push_back({entry.name.substr(base.size()), entry.shape});
  }
  ElasticResume part;
  load(trunk, cut, false, "", part);
  resume.unexpected = std::move(part.unexpected);
  resume.error = std::move(part.error);
  for (const NamedShape& entry : model) {
    const bool filled = entry.name.starts_with(base) && std::find(part.loaded.begin(), part.loaded.end(),
                                                                  entry.name.substr(base.size())) != part.loaded.end();
    (filled ? resume.loaded : resume.missing).push_back(entry.name.substr(wrapper.size()));
  }
}

void resume_pixels(const Names& model, const ElasticFile& file, ElasticResume& resume) {
  if (!file.state_dict) {
    resume.error = "state_dict";
    return load(model, {}, false, kWrapper, resume);
  }
  const Names& names = *file.state_dict;
  resume.whole = std::any_of(names.begin(), names.end(), [](const NamedShape& entry) {
    return has(entry.name, "aspp") || has(entry.name, "dla_up");
  });
  if (!resume.whole) {
    const bool dla = std::any_of(model.begin(), model.end(),
                                 [](const NamedShape& entry) { return entry.name.starts_with("module.base."); });
    return dla ? load_base(model, names, resume) : load(model, names, false, kWrapper, resume);
  }
  load(model, names, true, kWrapper, resume);
  if (resume.error.empty() && !file.optimizer) resume.error = "optimizer";
  if (resume.error.empty() && !file.epoch) resume.error = "epoch";
  take_rest(file, resume);
}

}  // namespace

ElasticResume elastic_resume(ElasticScript script, const graph::Graph& graph, const std::optional<ElasticFile>& file) {
  const std::string prefix = script == ElasticScript::docker ? "" : kWrapper;
  const Names model = names_of(graph, prefix);
  ElasticResume resume;
  if (!file) {
    load(model, {}, false, prefix, resume);
    return resume;
  }
  if (script == ElasticScript::multilabel) {
    resume_labels(model, *file, resume);
  } else if (script == ElasticScript::segment) {
    resume_pixels(model, *file, resume);
  } else {
    resume.whole = true;
    load(model, file->state_dict.value_or(Names{}), false, prefix, resume);
    take_rest(*file, resume);
    if (resume.error.empty()) resume.best_err = file->best_err;
  }
  return resume;
}

bool elastic_leaves_out(const std::string& name) {
  return has(name, ".ups.");
}

}  // namespace springbok::weights
