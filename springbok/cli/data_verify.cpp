// `springbok data verify`: every image of a source checked; the exit code tells whether anything was found.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/json.h"
#include "springbok/base/progress.h"
#include "springbok/cli/data.h"
#include "springbok/data/check/verify.h"

namespace springbok::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Asked {
  SourceAsked source;
  bool json = false, quiet = false, leaks = true;
  std::int64_t show = 20;
};

Options all_options(Asked& asked) {
  Options options = option_table(asked.source);
  options.push_back({.key = "leaks",
                     .help = "look for the images in the other split too, where there is one",
                     .field = &asked.leaks});
  options.push_back({.key = "show", .help = "lines printed of each kind; 0: all", .field = &asked.show, .min = 0});
  options.push_back({.key = "json", .help = "print JSON", .field = &asked.json});
  options.push_back({.key = "quiet", .help = "no progress", .field = &asked.quiet});
  return options;
}

/// The other split, or nothing, and a word on why, when it cannot be opened: many sources have one split only.
std::unique_ptr<data::Source> other_split(const Asked& asked, const std::string& spec) {
  if (!asked.leaks) return nullptr;
  try {
    return data::open_source(spec, asked.source.split == "train" ? data::Split::val : data::Split::train,
                             {.val_share = asked.source.val_share});
  } catch (const Error& error) {
    std::fprintf(stderr, "note: the splits are not compared: %s\n", error.what());
    return nullptr;
  }
}

Json to_json(const data::Source& source, const std::vector<data::Finding>& findings, bool compared) {
  Json list = Json::array();
  for (const data::Finding& finding : findings) {
    list.push_back({{"fault", data::fault_name(finding.fault)}, {"image", finding.name}, {"detail", finding.detail}});
  }
  return {{"source", source.description()},
          {"warnings", warnings_of(source)},
          {"images", source.size()},
          {"compared_with_other_split", compared},
          {"findings", list}};
}

/// Whether a kind of fault has its line though there is none: not those that the source cannot have, or nobody asked
/// for.
bool is_always_told(data::Fault fault, const data::Source& source) {
  const bool of_masks = fault == data::Fault::mask || fault == data::Fault::blank;
  if (of_masks) return source.target_kind() == data::TargetKind::masks;
  return fault != data::Fault::damaged && fault != data::Fault::missing;
}

void print(const data::Source& source, const std::vector<data::Finding>& findings, bool compared, std::size_t most) {
  std::printf("%s\n", source.description().c_str());
  for (int kind = 0; kind <= static_cast<int>(data::Fault::leaked); ++kind) {
    const auto fault = static_cast<data::Fault>(kind);
    std::vector<const data::Finding*> of_kind;
    for (const data::Finding& finding : findings) {
      if (finding.fault == fault) of_kind.push_back(&finding);
    }
    if (of_kind.empty() && !is_always_told(fault, source)) continue;
    const std::string count = fault == data::Fault::leaked && !compared ? "-" : with_commas(of_kind.size());
    std::printf("%-10s %8s  %s\n", data::fault_name(fault), count.c_str(), data::fault_text(fault));
    const std::size_t shown = most == 0 ? of_kind.size() : std::min(most, of_kind.size());
    for (std::size_t i = 0; i < shown; ++i) {
      const data::Finding& finding = *of_kind[i];
      const bool names_itself = finding.detail.starts_with(finding.name);
      const std::string detail = finding.detail.empty() ? "" : ": " + finding.detail;
      std::printf("  %s\n", names_itself ? finding.detail.c_str() : (finding.name + detail).c_str());
    }
    if (shown < of_kind.size()) std::printf("  and %s more\n", with_commas(of_kind.size() - shown).c_str());
  }
}

int run(Asked& asked, const Flags& flags, const std::vector<std::string>& words) {
  apply_flags(flags, all_options(asked));
  data::Damaged damaged;  // each is a finding
  const auto source = open_asked(asked.source, "data verify", words, &damaged);
  print_warnings(*source);
  const auto other = other_split(asked, words.front());
  Progress progress({.title = "verify", .total = source->size(), .quiet = asked.quiet});
  const std::vector<data::Finding> findings =
      data::verify(*source, {.threads = asked.source.threads(), .other = other.get(), .done = progress.updates()});
  progress.finish();
  if (asked.json) {
    std::printf("%s\n", json_text(to_json(*source, findings, other != nullptr), 1).c_str());
  } else {
    print(*source, findings, other != nullptr, static_cast<std::size_t>(asked.show));
  }
  return findings.empty() && source->warnings().empty() ? 0 : 1;
}

}  // namespace

Command data_verify_command() {
  const auto asked = std::make_shared<Asked>();
  return {
      .name = "verify",
      .help = "Check every image: bad files, odd kinds, duplicates, images in both splits; exit code 1 tells of any",
      .options = all_options(*asked),
      .words = {.name = "SOURCE", .help = std::string("PATH or KIND:PATH; kinds: ") + data::kSourceKinds},
      .run = [asked](const Flags& flags, const std::vector<std::string>& words) { return run(*asked, flags, words); }};
}

}  // namespace springbok::cli
