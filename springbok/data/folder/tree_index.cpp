// The index file's body: the folders, each with its stamp and names.
#include "springbok/data/folder/tree_index.h"

#include <utility>

#include "springbok/base/threads.h"
#include "springbok/data/source/kept_index.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormat = "springbok-tree-1";

void write_listing(IndexWriter& out, const Listing& listing) {
  out.number(listing.stamp.inode);
  out.number(listing.stamp.modified);
  out.number(listing.stamp.changed);
  out.number<std::uint8_t>(listing.settled);
  out.number<std::uint64_t>(listing.folders.size());
  for (const std::string& name : listing.folders) out.text(name);
  out.number(listing.count);
  out.text(listing.images);
  out.number<std::uint64_t>(listing.others.counts().size());
  for (const auto& [ending, count] : listing.others.counts()) {
    out.text(ending);
    out.number(count);
  }
}

Listing read_listing(IndexReader& in) {
  Listing listing;
  listing.stamp.inode = in.number<std::uint64_t>();
  listing.stamp.modified = in.number<std::int64_t>();
  listing.stamp.changed = in.number<std::int64_t>();
  listing.settled = in.number<std::uint8_t>() != 0;
  for (auto left = in.number<std::uint64_t>(); left > 0 && in.good(); --left) listing.folders.emplace_back(in.text());
  listing.count = in.number<std::int64_t>();
  listing.images = in.text();
  for (auto left = in.number<std::uint64_t>(); left > 0 && in.good(); --left) {
    const std::string ending(in.text());
    listing.others.add(ending, in.number<std::int64_t>());
  }
  return listing;
}

std::int64_t files_in(const Listings& folders) {
  std::int64_t files = 0;
  for (const auto& [path, listing] : folders) {
    files += listing.count + listing.others.total();
  }
  return files;
}

}  // namespace

std::string write_index(const Listings& folders) {
  IndexWriter out;
  out.number<std::uint64_t>(folders.size());
  for (const auto& [path, listing] : folders) {
    out.text(path);
    write_listing(out, listing);
  }
  return out.bytes();
}

std::optional<Listings> read_index(std::string_view body) {
  IndexReader in(body);
  Listings folders;
  for (auto left = in.number<std::uint64_t>(); left > 0 && in.good(); --left) {
    std::string path(in.text());
    folders.emplace_hint(folders.end(), std::move(path), read_listing(in));
  }
  if (!in.good() || !in.at_end()) return std::nullopt;
  return folders;
}

IndexedTree indexed_tree(const fs::path& top, const IndexSettings& settings) {
  std::error_code ignored;
  const auto index = KeptIndex::of("folders", kFormat, fs::canonical(top, ignored).string());
  Listings known;
  if (const auto body = index.read(settings.rescan || index.place.empty())) {
    known = read_index(*body).value_or(Listings{});
  }
  IndexedTree found{.tree = scan_tree(top, std::move(known), settings.now, usable_cores()), .index = index.file};
  if (files_in(found.tree.folders) < settings.least_files) {
    found.index.clear();
  } else if (found.tree.differs && !index.write(write_index(found.tree.folders))) {
    found.index.clear();
  }
  return found;
}

}  // namespace springbok::data
