// JSON to checkpoint values and back.
#include "springbok/tensors/plain.h"

#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/overload.h"

namespace springbok::tensors {

using Json = nlohmann::ordered_json;

tensors::Value to_value(const Json& json) {
  if (json.is_null()) return {};
  if (json.is_boolean()) return {json.get<bool>()};
  if (json.is_number_integer()) return {json.get<std::int64_t>()};
  if (json.is_number_float()) return {json.get<double>()};
  if (json.is_string()) return {json.get<std::string>()};
  if (json.is_array()) {
    tensors::List list;
    for (const Json& item : json) list.push_back(to_value(item));
    return {std::move(list)};
  }
  tensors::Dict dict;
  for (const auto& [key, item] : json.items()) dict.emplace_back(key, to_value(item));
  return {std::move(dict)};
}

Json to_json(const tensors::Value& value, const std::string& where) {
  const Overload visit{
      [](std::monostate) { return Json(); },
      [](const auto& scalar) { return Json(scalar); },
      [&](const tensors::List& list) {
        Json json = Json::array();
        for (const tensors::Value& item : list) json.push_back(to_json(item, where));
        return json;
      },
      [&](const tensors::Dict& dict) {
        Json json = Json::object();
        for (const auto& [key, item] : dict) json[key] = to_json(item, where + "." + key);
        return json;
      },
      [&](const tensors::Tensor&) -> Json { fail("{}: holds a tensor where plain data belongs", where); },
      [&](const tensors::Opaque& opaque) -> Json { fail("{}: holds a {}", where, opaque.class_name); }};
  return std::visit(visit, value.data);
}

}  // namespace springbok::tensors
