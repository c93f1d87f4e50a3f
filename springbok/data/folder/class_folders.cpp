// Reading and writing the list of class folders.
#include "springbok/data/folder/class_folders.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "springbok/base/error.h"
#include "springbok/base/file.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFirstLine = "springbok-class-folders-1";

std::string escaped(const std::string& text) {
  std::string made;
  for (const char c : text) {
    if (std::string_view("%\t\n\r\0", 5).find(c) == std::string_view::npos) {
      made += c;
    } else {
      made += format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return made;
}

std::string unescaped(std::string_view text) {
  std::string made;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    const bool coded = text[i] == '%' && i + 2 < text.size() &&
                       std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16).ptr == text.data() + i + 3;
    made += coded ? static_cast<char>(byte) : text[i];
    if (coded) i += 2;
  }
  return made;
}

}  // namespace

std::optional<std::vector<ClassFolder>> read_class_folders(const fs::path& folder) {
  const fs::path path = folder / kClassFoldersFile;
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return std::nullopt;
  const std::string text = read_text(path);
  if (!text.starts_with(std::string(kFirstLine) + "\n")) return std::nullopt;
  std::vector<ClassFolder> classes;
  for (std::size_t begin = kFirstLine.size() + 1; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    const std::size_t tab = line.find('\t');
    if (end == std::string::npos || tab == 0 || tab == std::string_view::npos) {
      fail("{}:{}: expected FOLDER, a tab, NAME; unpack the set again", path.string(), classes.size() + 2);
    }
    classes.push_back({unescaped(line.substr(0, tab)), unescaped(line.substr(tab + 1))});
    begin = end + 1;
  }
  return classes;
}

std::string class_folders_text(const std::vector<ClassFolder>& classes) {
  std::string text = std::string(kFirstLine) + "\n";
  for (const ClassFolder& each : classes) text += escaped(each.folder) + "\t" + escaped(each.name) + "\n";
  return text;
}

}  // namespace springbok::data
