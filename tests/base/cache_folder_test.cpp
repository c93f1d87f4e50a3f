// Where the cache lies, by the environment.
#include "springbok/base/cache_folder.h"

#include <gtest/gtest.h>

#include "tests/support/with_variable.h"

namespace springbok {
namespace {

using testing::WithVariable;

TEST(CacheFolder, TheOwnVariableComesFirstThenXdgThenHome) {
  const WithVariable home("HOME", "/home/ann");
  {
    const WithVariable own("SPRINGBOK_CACHE", "/data/cache"), xdg("XDG_CACHE_HOME", "/xdg");
    EXPECT_EQ(cache_folder(), "/data/cache");
  }
  const WithVariable own("SPRINGBOK_CACHE", std::nullopt);
  {
    const WithVariable xdg("XDG_CACHE_HOME", "/xdg");
    EXPECT_EQ(cache_folder(), "/xdg/springbok");
  }
  for (const auto& invalid : {std::optional<std::string>(), std::optional<std::string>("not/absolute")}) {
    const WithVariable xdg("XDG_CACHE_HOME", invalid);
    EXPECT_EQ(cache_folder(), "/home/ann/.cache/springbok");
  }
}

TEST(CacheFolder, WithoutHomeItIsTheUsers) {
  const WithVariable own("SPRINGBOK_CACHE", std::nullopt), xdg("XDG_CACHE_HOME", std::nullopt),
      home("HOME", std::nullopt);
  EXPECT_TRUE(cache_folder().empty() || cache_folder().is_absolute());
}

}  // namespace
}  // namespace springbok
