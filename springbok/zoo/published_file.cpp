// The table of published files: reading it, and looking files up in it.
#include "springbok/zoo/published_file.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string_view>

#include "springbok/base/error.h"

namespace springbok::zoo {
namespace {

constexpr std::size_t kLeastHash = 8;

bool is_hash(std::string_view text) {
  return text.size() >= kLeastHash && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Mean and deviation by the table's word.
void set_statistics(PublishedInput& input, const std::string& word) {
  if (word == "imagenet") return;
  if (word == "half") {
    input.mean = input.std = {0.5, 0.5, 0.5};
  } else if (word == "lite") {
    input.mean.assign(3, 127.0 / 255), input.std.assign(3, 128.0 / 255);
  } else if (word == "none") {
    input.mean.assign(3, 0), input.std.assign(3, 1);
  } else if (word == "ssd") {
    input.mean = {0.48235, 0.45882, 0.40784}, input.std.assign(3, 1.0 / 255);
  } else {
    check(false, "published_files.txt names statistics that are known");
  }
}

PublishedFile row_from(const std::string& line) {
  PublishedFile file;
  std::string publisher, tag, statistics;
  std::istringstream words(line);
  words >> file.name >> file.model >> publisher >> tag >> file.input.size >> file.input.crop_ratio >>
      file.input.interpolation >> statistics >> file.mebibytes;
  check(!words.fail(), "published_files.txt has nine words a line");
  file.from = publisher + " " + tag;
  set_statistics(file.input, statistics);
  const std::string end = file.name.substr(file.name.rfind('-') + 1);
  if (is_hash(end)) file.hash = end;
  return file;
}

std::vector<PublishedFile> read_table() {
  std::vector<PublishedFile> files;
  std::istringstream lines(published_files_text());
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.front() != '#') files.push_back(row_from(line));
  }
  return files;
}

/// The name, then nothing, an ending, a copy's number, or, where it has no hash itself, one.
bool names(const PublishedFile& file, std::string_view name) {
  if (!name.starts_with(file.name)) return false;
  std::string_view rest = name.substr(file.name.size());
  if (file.hash.empty() && rest.starts_with('-') && is_hash(rest.substr(1, kLeastHash))) {
    rest.remove_prefix(1);
    rest.remove_prefix(std::min(rest.find_first_not_of("0123456789abcdef"), rest.size()));
  }
  return rest.empty() || rest.front() == '.' || rest.front() == ' ' || rest.front() == '(';
}

}  // namespace

const std::vector<PublishedFile>& published_files() {
  static const std::vector<PublishedFile> files = read_table();
  return files;
}

const PublishedFile* published_file(const std::string& file_name) {
  const PublishedFile* found = nullptr;  // the longest: `resnet50.a1_in1k` is none of `resnet50`
  for (const PublishedFile& file : published_files()) {
    if (names(file, file_name) && (found == nullptr || file.name.size() > found->name.size())) found = &file;
  }
  return found;
}

std::vector<const PublishedFile*> published_files_of_size(std::uint64_t bytes) {
  constexpr double kMebibyte = 1 << 20, kDigit = 0.001;
  std::vector<const PublishedFile*> found;
  for (const PublishedFile& file : published_files()) {
    const double difference = std::abs(static_cast<double>(bytes) / kMebibyte - file.mebibytes);
    if (file.mebibytes > 0 && difference <= kDigit) found.push_back(&file);
  }
  return found;
}

}  // namespace springbok::zoo
