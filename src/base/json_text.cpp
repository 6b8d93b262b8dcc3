// json_text.cpp — reads and writes JSON text with nlohmann's library. No other file includes it.
#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

#include "base/json.h"

namespace mc {

namespace {

using Library = nlohmann::json;

template <class Value>
std::string written(const Value& value) {
    return Library(value).dump(-1, ' ', false, Library::error_handler_t::replace);
}

}  // namespace

// Takes the library's events in the order of the text and builds the value.
class JsonReader {
   public:
    explicit JsonReader(const JsonLimits* limits) : limits_(limits) {}

    tl::expected<Json, JsonFault> read(std::string_view text) {
        if (Library::sax_parse(text, this)) return std::move(root_);
        return tl::unexpected(std::move(fault_));
    }

    bool null() { return add(nullptr); }
    bool boolean(bool flag) { return add(flag); }
    bool number_integer(Library::number_integer_t number) { return add(number); }
    bool number_unsigned(Library::number_unsigned_t number) { return add(number); }
    bool number_float(Library::number_float_t number, const std::string&) { return add(number); }
    bool string(std::string& text) { return add(std::move(text)); }
    bool binary(Library::binary_t&) { return false; }  // text has none
    bool start_object(std::size_t) { return open(Json::object()); }
    bool end_object() { return close(); }
    bool start_array(std::size_t) { return open(Json::array()); }
    bool end_array() { return close(); }
    bool key(const std::string& name) {
        if (limits_ && !may_be_named(name)) return false;
        place_ = &(*open_.back().json)[name];
        return true;
    }
    bool parse_error(std::size_t byte, const std::string&, const Library::exception& error) {
        return refuse(JsonFault::Kind::syntax, error.what(), byte);
    }

   private:
    struct Open {
        Json* json;
        std::set<std::string> names;  // empty if there are no limits
    };

    bool refuse(JsonFault::Kind kind, std::string text = {}, std::size_t byte = 0) {
        fault_ = {kind, byte, std::move(text)};
        return false;
    }

    bool may_be_named(const std::string& name) {
        std::set<std::string>& names = open_.back().names;
        if (name.size() > limits_->name_bytes) return refuse(JsonFault::Kind::name_bytes);
        if (!names.insert(name).second) return refuse(JsonFault::Kind::repeated_name, name);
        return names.size() <= limits_->names || refuse(JsonFault::Kind::names);
    }

    // Puts the value where it belongs: the root, the end of an array, or after the name that was read.
    Json& put(Json value) {
        if (open_.empty()) return root_ = std::move(value);
        Json& in = *open_.back().json;
        if (!in.is_array()) return *place_ = std::move(value);
        return in.make_array().emplace_back(std::move(value));
    }
    bool add(Json value) {
        put(std::move(value));
        return true;
    }
    bool open(Json value) {
        open_.push_back({&put(std::move(value)), {}});
        return !limits_ || open_.size() <= limits_->depth || refuse(JsonFault::Kind::depth);
    }
    bool close() {
        open_.pop_back();
        return true;
    }

    const JsonLimits* limits_;  // null if there are none
    JsonFault fault_;
    Json root_;
    std::vector<Open> open_;  // an element is never moved while an array or object inside it is open
    Json* place_ = nullptr;
};

class JsonWriter {
   public:
    explicit JsonWriter(Json::Names names) : names_(names) {}

    std::string write(const Json& json) {
        add(json);
        return std::move(out_);
    }

   private:
    void add(const Json& json) {
        std::visit([this](const auto& value) { put(value); }, json.value_);
    }

    void put(std::nullptr_t) { out_ += "null"; }
    void put(bool flag) { out_ += flag ? "true" : "false"; }
    void put(std::int64_t number) { out_ += std::to_string(number); }
    void put(std::uint64_t number) { out_ += std::to_string(number); }
    void put(double number) { out_ += written(number); }
    void put(const std::string& text) {
        const auto is_plain = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };
        if (!std::all_of(text.begin(), text.end(), is_plain)) {
            out_ += written(text);
            return;
        }
        out_ += '"';
        out_ += text;
        out_ += '"';
    }
    void put(const std::vector<Json>& elements) {
        char before = '[';
        for (const Json& element : elements) {
            out_ += std::exchange(before, ',');
            add(element);
        }
        out_ += elements.empty() ? "[]" : "]";
    }
    void put(const std::vector<Json::Member>& members) {
        std::vector<const Json::Member*> order;
        for (const Json::Member& member : members) order.push_back(&member);
        if (names_ == Json::Names::sorted)
            std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
        char before = '{';
        for (const Json::Member* member : order) {
            out_ += std::exchange(before, ',');
            put(member->name);
            out_ += ':';
            add(member->value);
        }
        out_ += members.empty() ? "{}" : "}";
    }

    Json::Names names_;
    std::string out_;
};

tl::expected<Json, JsonFault> Json::parse(std::string_view text) { return JsonReader(nullptr).read(text); }

tl::expected<Json, JsonFault> Json::parse(std::string_view text, const JsonLimits& limits) {
    return JsonReader(&limits).read(text);
}

std::string Json::dump(Names names) const { return JsonWriter(names).write(*this); }

bool Json::is_utf8() const {
    const auto is_good = [](const std::string& text) {
        try {
            return !Library(text).dump().empty();
        } catch (const Library::exception&) {
            return false;
        }
    };
    if (is_string()) return is_good(std::get<std::string>(value_));
    return std::all_of(begin(), end(), [](const Json& element) { return element.is_utf8(); }) &&
           std::all_of(items().begin(), items().end(),
                       [&](const Member& member) { return is_good(member.name) && member.value.is_utf8(); });
}

}  // namespace mc
