// Masks and their classes as files.
#include "springbok/data/masks/mask_folder.h"

#include "springbok/base/file.h"
#include "springbok/base/quote.h"
#include "springbok/image/palette.h"

namespace springbok::data {

std::vector<std::byte> mask_png(const image::Image& mask) {
  return image::encode_indices(mask, image::voc_palette());
}

void write_class_list(const std::filesystem::path& folder, const std::vector<std::string>& classes) {
  std::string text;
  for (const std::string& name : classes) text += printable(name) + '\n';
  write_file(folder / "classes.txt", text);
}

}  // namespace springbok::data
