// `springbok weights diff`: how two weight files differ.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/json.h"
#include "springbok/base/quote.h"
#include "springbok/cli/weights_commands.h"
#include "springbok/tensors/bytes.h"
#include "springbok/tensors/diff.h"
#include "springbok/weights/fit/adopt.h"

namespace springbok::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Asked {
  std::string entry, entry_b;
  double tolerance = 0;
  bool json = false;
};

Options option_table(Asked& asked) {
  return {
      {.key = "entry", .help = "key of the state dict inside A, such as state_dict_ema", .field = &asked.entry},
      {.key = "entry_b", .help = "the same for B", .field = &asked.entry_b},
      {.key = "tolerance",
       .help = "numbers so far apart count as equal, and element types may differ",
       .field = &asked.tolerance,
       .min = 0},
      {.key = "json", .help = "print JSON", .field = &asked.json},
  };
}

bool differs(const tensors::TensorDiff& tensor, double tolerance) {
  return tensor.max_abs > tolerance || (tolerance == 0 && tensor.a != tensor.b);
}

void print_names(const char* what, const std::vector<std::string>& names) {
  for (const std::string& name : names) std::printf("%s: %s\n", what, tensors::printable(name).c_str());
}

void print(const tensors::Diff& diff, double tolerance) {
  print_names("only in A", diff.only_a);
  print_names("only in B", diff.only_b);
  print_names("shapes", diff.shapes);
  std::size_t same = 0;
  for (const tensors::TensorDiff& tensor : diff.tensors) {
    if (!differs(tensor, tolerance)) {
      ++same;
      continue;
    }
    std::string text =
        format("{}: {} of {} elements differ, by up to {:.3g} (values to {:.3g})", tensor.name,
               with_commas(tensor.different), with_commas(tensor.elements), tensor.max_abs, tensor.max_value);
    if (tensor.a != tensor.b) text += format("; {} and {}", name_of(tensor.a), name_of(tensor.b));
    print_names("numbers", {text});
  }
  std::printf("%zu tensors the same, %zu differ, %zu of another shape, %zu only in A, %zu only in B\n", same,
              diff.tensors.size() - same, diff.shapes.size(), diff.only_a.size(), diff.only_b.size());
}

void print_json(const tensors::Diff& diff) {
  Json tensors = Json::array();
  for (const tensors::TensorDiff& tensor : diff.tensors) {
    tensors.push_back({{"name", tensor.name},
                       {"a", name_of(tensor.a)},
                       {"b", name_of(tensor.b)},
                       {"elements", tensor.elements},
                       {"different", tensor.different},
                       {"max_abs", tensor.max_abs},
                       {"max_value", tensor.max_value}});
  }
  const Json json{{"only_a", diff.only_a}, {"only_b", diff.only_b}, {"shapes", diff.shapes}, {"tensors", tensors}};
  std::printf("%s\n", json_text(json, 1).c_str());
}

/// The tensors of one file; what was left out of their names is said beside the result.
tensors::StateDict tensors(const tensors::File& file, const std::string& entry) {
  std::string said;
  tensors::StateDict dict = weights::tensors_of(file, entry, said);
  if (!said.empty()) std::fprintf(stderr, "%s\n", one_line(said).c_str());
  return dict;
}

int run(const Asked& asked, const std::vector<std::string>& files) {
  const tensors::File a = tensors::read(files[0]), b = tensors::read(files[1]);
  const tensors::Diff diff = tensors::diff(tensors(a, asked.entry), tensors(b, asked.entry_b));
  if (asked.json) {
    print_json(diff);
  } else {
    print(diff, asked.tolerance);
  }
  bool same = diff.only_a.empty() && diff.only_b.empty() && diff.shapes.empty();
  for (const tensors::TensorDiff& tensor : diff.tensors) same = same && !differs(tensor, asked.tolerance);
  return same ? 0 : 1;
}

}  // namespace

Command diff_command() {
  const auto asked = std::make_shared<Asked>();
  const Options options = option_table(*asked);
  Command command{.name = "diff",
                  .help = "Compare two weight files tensor by tensor; exit code 1 when they differ",
                  .options = options,
                  .words = {.name = "FILES", .help = "A B", .many = true}};
  command.run = [=](const Flags& flags, const std::vector<std::string>& words) {
    apply_flags(flags, options);
    if (words.size() != 2) fail_usage("weights diff: give two weight files");
    return run(*asked, words);
  };
  return command;
}

}  // namespace springbok::cli
