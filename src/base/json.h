// json.h — a value of JSON: null, true or false, a number, a text, an array or an object.
//
// An object keeps its names in the order in which they were added. If a text gives a name twice, the last value counts,
// at the place of the first. Only json_text.cpp includes the library that reads and writes the text (nlohmann's): its
// header would cost each file 10 s to compile.
//
// Values  `Json{{"job", name}, {"runs", Json::array({1, 2})}}` is an object; `Json x;` is null, and the first x["name"]
//         or x.push_back() makes an object or an array of it. A whole number is an int64, or a uint64 above its maximum.
// Errors  at(), get(), value() and the operators [] throw a JsonError if the value is not what the caller says. The
//         caller catches it in the file that reads: it never leaves a room. parse() does not throw.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <variant>
#include <vector>

#include "base/name.h"

namespace mc {

struct JsonError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Why a text could not be parsed.
struct JsonFault {
    enum class Kind { syntax, depth, repeated_name, names, name_bytes };
    Kind kind = Kind::syntax;
    std::size_t byte = 0;  // of a syntax fault: the number of bytes read when it was found
    std::string text;      // the library's sentence, or the repeated name
};

// Limits for text from an untrusted source. A text beyond them is a fault, and so is a repeated name.
struct JsonLimits {
    std::size_t depth;       // of nested arrays and objects
    std::size_t names;       // of one object
    std::size_t name_bytes;  // of one name
};

class Json {
   public:
    struct Member;
    // How the names of all objects are written.
    enum class Names { as_added, sorted };

    Json() noexcept;
    Json(std::nullptr_t) noexcept;
    template <std::integral T>
    Json(T value) noexcept : Json(scalar(value)) {}
    Json(double number) noexcept;
    Json(const char* text);
    Json(std::string_view text);
    Json(std::string text) noexcept;
    template <class Spelling>
    Json(const NameOf<Spelling>& name) : Json(std::string_view(name)) {}
    Json(std::initializer_list<Member> members);
    template <class T>
    Json(const std::vector<T>& list) : Json(array()) {
        for (const T& one : list) push_back(Json(one));
    }
    template <class T>
    Json(const std::map<std::string, T>& members) : Json(object()) {
        for (const auto& [name, value] : members) (*this)[name] = Json(value);
    }
    Json(const Json& other);
    Json(Json&& other) noexcept;
    Json& operator=(const Json& other);
    Json& operator=(Json&& other) noexcept;
    ~Json();

    static Json array(std::initializer_list<Json> elements = {});
    static Json object();

    // The whole text must be one value; it may be nested to any depth.
    static tl::expected<Json, JsonFault> parse(std::string_view text);
    static tl::expected<Json, JsonFault> parse(std::string_view text, const JsonLimits& limits);

    // One line without spaces. Bytes that are not UTF-8 become U+FFFD.
    std::string dump(Names names = Names::as_added) const;
    // Whether all texts and names are UTF-8, so that dump() replaces nothing.
    bool is_utf8() const;

    bool is_null() const;
    bool is_boolean() const;
    bool is_string() const;
    bool is_array() const;
    bool is_object() const;
    bool is_number_integer() const;
    bool is_number_unsigned() const;  // whole, from 0 on

    // bool, int, std::int64_t, std::uint64_t, double, std::string, and vectors and maps of them.
    template <class T>
    T get() const {
        T value{};
        read(value);
        return value;
    }
    // The member's value, or `otherwise` if there is none.
    template <class T>
    T value(std::string_view name, T otherwise) const {
        const Json* found = member(name);
        return found ? found->get<T>() : otherwise;
    }
    std::string value(std::string_view name, const char* otherwise) const;

    // The number of elements or members; 0 for values that are not arrays or objects.
    std::size_t size() const;
    bool empty() const { return size() == 0; }

    // The elements of an array; empty for other values.
    const Json* begin() const;
    const Json* end() const;
    const Json& operator[](std::size_t index) const;
    Json& operator[](std::size_t index);
    void push_back(Json element);
    void push_front(Json element);

    // The members of an object, in their order; empty for other values.
    std::span<const Member> items() const;
    bool contains(std::string_view name) const { return find(name) != nullptr; }
    // Null if there is none, or if this is not an object.
    const Json* find(std::string_view name) const;
    const Json& at(std::string_view name) const;
    const Json& operator[](std::string_view name) const { return at(name); }
    // Adds the member as null if there is none.
    Json& operator[](std::string_view name);

    // Objects are equal if their members are, in the same order.
    friend bool operator==(const Json& a, const Json& b);
    friend std::ostream& operator<<(std::ostream& out, const Json& json);

   private:
    struct Flag {
        bool value;
    };
    struct Signed {
        std::int64_t value;
    };
    struct Unsigned {
        std::uint64_t value;
    };
    template <class T>
    static auto scalar(T value) {
        if constexpr (std::same_as<T, bool>) return Flag{value};
        else if constexpr (std::signed_integral<T>) return Signed{value};
        else return Unsigned{value};
    }
    using Array = std::vector<Json>;
    using Object = std::vector<Member>;
    using Value = std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string, Array, Object>;

    Json(Flag flag) noexcept;
    Json(Signed number) noexcept;
    Json(Unsigned number) noexcept;

    void read(bool& flag) const;
    void read(int& number) const;
    void read(std::int64_t& number) const;
    void read(std::uint64_t& number) const;
    void read(double& number) const;
    void read(std::string& text) const;
    void read(Json& json) const { json = *this; }
    template <class T>
    void read(std::vector<T>& list) const {
        for (const Json& element : elements()) list.push_back(element.get<T>());
    }
    template <class T>
    void read(std::map<std::string, T>& map) const;

    const Array& elements() const;
    const Object& members() const;
    const Json* member(std::string_view name) const;  // find(), for objects only
    Array& make_array();
    Object& make_object();
    [[noreturn]] void wrong_type(std::string_view wanted) const;
    std::string_view type_text() const;
    void part_with_children(Array& children);

    friend class JsonReader;
    friend class JsonWriter;

    Value value_;
};

struct Json::Member {
    std::string name;
    Json value;
    bool operator==(const Member&) const = default;
};

template <class T>
void Json::read(std::map<std::string, T>& map) const {
    for (const auto& [name, value] : members()) map[name] = value.template get<T>();
}

}  // namespace mc
