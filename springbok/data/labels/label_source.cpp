// Opening label sets of any images.
#include "springbok/data/labels/label_source.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/lines.h"
#include "springbok/data/folder/image_names.h"
#include "springbok/data/folder/tree_index.h"
#include "springbok/data/labels/label_lists.h"
#include "springbok/data/labels/label_table.h"
#include "springbok/data/labels/labelled_source.h"
#include "springbok/data/source/class_names.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWholeTable = "labels.csv";

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

/// Images with labels, before these are classes.
struct Found {
  std::vector<std::string> images;  ///< below the root
  LabelLists labels;
  std::vector<std::string> where;    ///< FILE:LINE, or the text's name
  std::vector<std::string> classes;  ///< that the header names
  std::string told;
  std::vector<std::string> warnings;
  std::optional<IndexLook> look;
};

/// Below which folder the images are.
fs::path image_folder(const fs::path& root, const Split& split, const std::string& first) {
  const fs::path part(split.name());
  for (const fs::path& each : {fs::path(), part, fs::path("images"), "images" / part}) {
    if (is_file(root / each / first)) return each;
  }
  return {};
}

Found from_table(const fs::path& root, const Split& split, const fs::path& file, std::vector<std::string> classes) {
  const std::string where = file.string();
  const auto is_there = [&](const std::string& image) { return is_file(root / image); };
  LabelTable table = parse_label_table(read_lines(file), where, classes, is_there);
  const fs::path folder = image_folder(root, split, table.rows.front().image);
  Found found;
  std::unordered_map<std::string, std::size_t> places;
  std::int64_t again = 0;
  std::vector<std::string> missing;
  for (LabelRow& row : table.rows) {
    const std::string image = (folder / row.image).string();
    const auto [at, is_new] = places.emplace(image, found.images.size());
    if (!is_new) {
      ++again;
      auto& labels = found.labels[at->second];
      labels.insert(labels.end(), row.labels.begin(), row.labels.end());
      continue;
    }
    if (!is_file(root / image)) missing.push_back(row.image);
    found.images.push_back(image);
    found.labels.push_back(std::move(row.labels));
    found.where.push_back(format("{}:{}", where, row.line));
  }
  const std::int64_t count = std::ssize(missing), all = std::ssize(found.images);
  if (count == all) {
    fail("{}: none of its {} images is there, in {}: {}", where, with_commas(count), root.string(),
         join_first(missing, 2));
  }
  if (count > 0) {
    found.warnings.push_back(format("{}: of {} images {} {} not there, and loading one is an error: {}", where,
                                    with_commas(all), with_commas(count), count == 1 ? "is" : "are",
                                    join_first(missing)));
  }
  found.classes = std::move(table.classes);
  found.told = format("{}; {}", where, table.told);
  if (again > 0) found.told += format("; {} lines name an image again, and add to its labels", with_commas(again));
  return found;
}

/// Five numbers: a class and a box, as YOLO's texts have them.
bool is_box(const std::string& line) {
  const std::vector<std::string> words = split_labels(line, ' ', {});
  return words.size() == 5 && std::all_of(words.begin(), words.end(), [](const std::string& word) {
           double value = 0;
           const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
           return error == std::errc() && end == word.data() + word.size();
         });
}

void add_text(const fs::path& root, const std::string& text, LabelLists& lines) {
  lines.push_back({});
  for (std::string& line : read_lines(root / text)) {
    if (is_box(line)) fail("{}: '{}' is a box (YOLO's), no label; expected one label a line", text, line);
    if (!line.empty()) lines.back().push_back(std::move(line));
  }
}

Found from_texts(const fs::path& root, const fs::path& folder, const std::vector<std::string>& classes,
                 const OpenSettings& settings) {
  const IndexedTree tree = indexed_tree(root / folder, {.rescan = settings.rescan});
  Found found;
  std::vector<std::string> without;
  LabelLists texts;
  std::int64_t text_files = 0;
  for (const auto& [path, listing] : tree.tree.folders) {
    const auto count = listing.others.counts().find(".txt");
    text_files += count == listing.others.counts().end() ? 0 : count->second;
    text_files -= path.empty() && folder.empty() && is_file(root / "classes.txt") ? 1 : 0;
    for_each_image(listing, [&, below = folder / path](std::string_view name) {
      const fs::path image = below / name;
      std::string text = fs::path(image).replace_extension(".txt").string();
      if (!is_file(root / text)) {
        without.push_back(image.string());
        return;
      }
      add_text(root, text, texts);
      found.images.push_back(image.string());
      found.where.push_back(std::move(text));
    });
  }
  const std::string where = (root / folder).string();
  if (found.images.empty())
    fail("{}: none of its {} images has a text with its labels beside it (x.jpg, x.txt)", where,
         with_commas(std::ssize(without)));
  SplitTexts split = split_texts(texts, classes);
  found.labels = std::move(split.lists);
  found.told = format("{}; texts beside the images, {}", where, split.told);
  if (!without.empty()) {
    found.warnings.push_back(format("{}: images without a text, which are left out: {} ({})", where,
                                    with_commas(std::ssize(without)), join_first(without)));
  }
  if (const std::int64_t lone = text_files - std::ssize(found.images); lone > 0) {
    found.warnings.push_back(format("{}: texts without an image, which are left out: {}", where, with_commas(lone)));
  }
  const auto folders = static_cast<std::int64_t>(tree.tree.folders.size());
  found.look = {
      .what = "folders", .listed = tree.tree.listed, .known = folders - tree.tree.listed, .index = tree.index};
  return found;
}

class LabelListSource : public LabelledSource {
 public:
  LabelListSource(const fs::path& root, Found found, const std::vector<std::string>& names) : LabelledSource(root) {
    ClassSets made = class_sets(found.labels, names, [&](std::size_t i) { return found.where[i]; });
    sets_ = std::move(made.sets);
    names_ = std::move(found.images);
    classes_ = std::move(made.classes);
    warnings_ = std::move(found.warnings);
    description_ = format("labels: {} images, {} without a label, {} labels of {} classes ({})", with_commas(size()),
                          with_commas(made.without), with_commas(made.labels), classes_.size(), found.told);
  }
};

/// Whether a folder has images with texts of the same name, and no folders.
bool has_texts(const fs::path& folder) {
  std::set<std::string> images, texts;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const fs::path name = entry.path().filename();
    if (entry.is_directory(error)) return false;
    if (is_image_name(name.string())) images.insert(name.stem());
    if (name.extension() == ".txt") texts.insert(name.stem());
  }
  return std::any_of(texts.begin(), texts.end(), [&](const std::string& stem) { return images.contains(stem); });
}

/// Whether it has folders, which would be classes, but for one of images.
bool has_class_folders(const fs::path& folder) {
  std::error_code error;
  const fs::directory_iterator entries(folder, error);
  return std::any_of(begin(entries), end(entries), [&](const auto& entry) {
    return entry.is_directory(error) && entry.path().filename() != "images";
  });
}

fs::path table_of(const fs::path& root, const Split& split) {
  return root / (split.name() + ".csv");
}

}  // namespace

bool has_labels(const fs::path& root, const Split& split) {
  const fs::path folder = root / split.name();
  return (is_file(table_of(root, split)) && !has_class_folders(folder)) || has_texts(folder);
}

bool is_labels(const fs::path& root) {
  return is_file(root / kWholeTable) || has_texts(root);
}

std::unique_ptr<Source> open_labels(const fs::path& root, const Split& split, const OpenSettings& settings) {
  std::vector<std::string> classes = names_if_there(root / "classes.txt");
  const bool whole = (split == Split::val || settings.val_share > 0) && is_labels(root);
  std::error_code ignored;
  Found found;
  if (is_file(table_of(root, split))) {
    found = from_table(root, split, table_of(root, split), classes);
  } else if (fs::is_directory(root / split.name(), ignored)) {
    found = from_texts(root, split.name(), classes, settings);
  } else if (whole && is_file(root / kWholeTable)) {
    found = from_table(root, split, root / kWholeTable, classes);
  } else if (whole) {
    found = from_texts(root, "", classes, settings);
  } else {
    fail("{}: no {}.csv of images and labels, nor a folder {}/ with texts beside its images{}", root.string(),
         split.name(), split.name(),
         is_labels(root) ? "; --val-share 0.1 takes what is there for the whole, and holds out a share" : "");
  }
  if (settings.looked && found.look) settings.looked(*found.look);
  if (classes.empty()) classes = std::move(found.classes);
  return std::make_unique<LabelListSource>(root, std::move(found), classes);
}

}  // namespace springbok::data
