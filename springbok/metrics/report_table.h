// Inside the room: tables of classes for people.
#pragma once

#include <string>
#include <vector>

namespace springbok::metrics {

/// The first column to the left, the others to the right, each as wide as it needs; `rows[0]` is the head.
std::string aligned(const std::vector<std::vector<std::string>>& rows);

/// `12.34`, or `-` where there is no such share.
std::string percent_cell(double share, bool is_there = true);

/// The classes' numbers, the largest value first; of equals the lower class. Those in `last` follow in their order.
std::vector<std::size_t> sorted_classes(const std::vector<double>& values, const std::vector<std::int64_t>& last);

/// `dog, cat`, as people may read them.
std::string names_of(const std::vector<std::int64_t>& classes, const std::vector<std::string>& names);

/// Throws Error where there are not as many names as classes.
void expect_names(std::size_t classes, const std::vector<std::string>& names);

}  // namespace springbok::metrics
