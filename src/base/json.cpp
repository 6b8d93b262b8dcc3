#include "base/json.h"

#include <algorithm>
#include <limits>
#include <ostream>
#include <utility>

#include "base/result.h"

namespace mc {

Json::Json() noexcept : value_(nullptr) {}
Json::Json(std::nullptr_t) noexcept : value_(nullptr) {}
Json::Json(Flag flag) noexcept : value_(flag.value) {}
Json::Json(Signed number) noexcept : value_(number.value) {}
Json::Json(Unsigned number) noexcept {
    if (std::in_range<std::int64_t>(number.value)) value_ = static_cast<std::int64_t>(number.value);
    else value_ = number.value;
}
Json::Json(double number) noexcept : value_(number) {}
Json::Json(const char* text) : value_(std::string(text)) {}
Json::Json(std::string_view text) : value_(std::string(text)) {}
Json::Json(std::string text) noexcept : value_(std::move(text)) {}
Json::Json(std::initializer_list<Member> members) : value_(Object()) {
    for (const auto& [name, value] : members) (*this)[name] = value;
}
Json::Json(const Json& other) = default;
Json::Json(Json&& other) noexcept : value_(std::exchange(other.value_, nullptr)) {}
Json& Json::operator=(const Json& other) = default;
Json& Json::operator=(Json&& other) noexcept {
    if (this != &other) {
        const Json before(std::move(*this));
        value_ = std::exchange(other.value_, nullptr);
    }
    return *this;
}

// Not recursive: untrusted text may be nested a million levels deep, and the stack is smaller.
Json::~Json() {
    Array children;
    part_with_children(children);
    while (!children.empty()) {
        Json last(std::move(children.back()));
        children.pop_back();
        last.part_with_children(children);
    }
}

// Moves the arrays and objects in this value out of it.
void Json::part_with_children(Array& children) {
    const auto take = [&](Json& child) {
        if (!child.empty()) children.push_back(std::move(child));
    };
    if (auto* array = std::get_if<Array>(&value_)) std::for_each(array->begin(), array->end(), take);
    if (auto* object = std::get_if<Object>(&value_))
        for (Member& member : *object) take(member.value);
}

Json Json::array(std::initializer_list<Json> elements) {
    Json json;
    json.value_.emplace<Array>(elements);
    return json;
}

Json Json::object() {
    Json json;
    json.value_.emplace<Object>();
    return json;
}

bool Json::is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }
bool Json::is_boolean() const { return std::holds_alternative<bool>(value_); }
bool Json::is_string() const { return std::holds_alternative<std::string>(value_); }
bool Json::is_array() const { return std::holds_alternative<Array>(value_); }
bool Json::is_object() const { return std::holds_alternative<Object>(value_); }
bool Json::is_number_integer() const {
    return std::holds_alternative<std::int64_t>(value_) || std::holds_alternative<std::uint64_t>(value_);
}
bool Json::is_number_unsigned() const {
    const auto* number = std::get_if<std::int64_t>(&value_);
    return number ? *number >= 0 : std::holds_alternative<std::uint64_t>(value_);
}

std::string_view Json::type_text() const {
    constexpr std::string_view texts[] = {"null", "boolean", "number", "number", "number", "string", "array", "object"};
    static_assert(std::size(texts) == std::variant_size_v<Value>);
    return texts[value_.index()];
}

// The texts of nlohmann's exceptions, unchanged, because messages about damaged rows of the ledger quote them.
void Json::wrong_type(std::string_view wanted) const {
    throw JsonError("[json.exception.type_error.302] type must be " + std::string(wanted) + ", but is " +
                    std::string(type_text()));
}

void Json::read(bool& flag) const {
    if (!is_boolean()) wrong_type("boolean");
    flag = std::get<bool>(value_);
}

void Json::read(int& number) const {
    const auto wide = get<std::int64_t>();
    if (!std::in_range<int>(wide)) wrong_type("a smaller number");
    number = static_cast<int>(wide);
}

void Json::read(std::int64_t& number) const {
    if (!is_number_integer()) wrong_type("number");
    if (!std::holds_alternative<std::int64_t>(value_)) wrong_type("a smaller number");
    number = std::get<std::int64_t>(value_);
}

void Json::read(std::uint64_t& number) const {
    if (!is_number_integer()) wrong_type("number");
    if (!is_number_unsigned()) wrong_type("a number of at least 0");
    const auto* small = std::get_if<std::int64_t>(&value_);
    number = small ? static_cast<std::uint64_t>(*small) : std::get<std::uint64_t>(value_);
}

void Json::read(double& number) const {
    if (const auto* exact = std::get_if<double>(&value_)) number = *exact;
    else if (const auto* small = std::get_if<std::int64_t>(&value_)) number = static_cast<double>(*small);
    else if (const auto* large = std::get_if<std::uint64_t>(&value_)) number = static_cast<double>(*large);
    else wrong_type("number");
}

void Json::read(std::string& text) const {
    if (!is_string()) wrong_type("string");
    text = std::get<std::string>(value_);
}

std::string Json::value(std::string_view name, const char* otherwise) const {
    return value(name, std::string(otherwise));
}

std::size_t Json::size() const {
    if (const auto* array = std::get_if<Array>(&value_)) return array->size();
    return items().size();
}

const Json* Json::begin() const {
    const auto* array = std::get_if<Array>(&value_);
    return array ? array->data() : nullptr;
}

const Json* Json::end() const { return is_array() ? begin() + size() : nullptr; }

const Json& Json::operator[](std::size_t index) const {
    if (index >= elements().size())
        throw JsonError("[json.exception.out_of_range.401] array index " + std::to_string(index) + " is out of range");
    return elements()[index];
}

Json& Json::operator[](std::size_t index) { return const_cast<Json&>(std::as_const(*this)[index]); }

void Json::push_back(Json element) { make_array().push_back(std::move(element)); }

void Json::push_front(Json element) {
    Array& array = make_array();
    array.insert(array.begin(), std::move(element));
}

std::span<const Json::Member> Json::items() const {
    if (const auto* object = std::get_if<Object>(&value_)) return *object;
    return {};
}

const Json* Json::find(std::string_view name) const {
    const std::span<const Member> all = items();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Member& one) { return one.name == name; });
    return found == all.end() ? nullptr : &found->value;
}

const Json* Json::member(std::string_view name) const {
    if (is_object()) return find(name);
    throw JsonError("[json.exception.type_error.304] cannot use at() with " + std::string(type_text()));
}

const Json& Json::at(std::string_view name) const {
    if (const Json* found = member(name)) return *found;
    throw JsonError("[json.exception.out_of_range.403] key '" + std::string(name) + "' not found");
}

Json& Json::operator[](std::string_view name) {
    Object& object = make_object();
    const auto found = std::find_if(object.begin(), object.end(), [&](const Member& one) { return one.name == name; });
    return found == object.end() ? object.emplace_back(Member{std::string(name), Json()}).value : found->value;
}

const Json::Array& Json::elements() const {
    if (!is_array()) wrong_type("array");
    return std::get<Array>(value_);
}

const Json::Object& Json::members() const {
    if (!is_object()) wrong_type("object");
    return std::get<Object>(value_);
}

Json::Array& Json::make_array() {
    if (is_null()) value_.emplace<Array>();
    if (!is_array()) wrong_type("array");
    return std::get<Array>(value_);
}

Json::Object& Json::make_object() {
    if (is_null()) value_.emplace<Object>();
    if (!is_object()) wrong_type("object");
    return std::get<Object>(value_);
}

bool operator==(const Json& a, const Json& b) { return a.value_ == b.value_; }

std::ostream& operator<<(std::ostream& out, const Json& json) { return out << json.dump(); }

}  // namespace mc
