#include "reason/json.h"

#include <array>
#include <utility>

#include "config/trigger_names.h"

namespace mc {

namespace {

using Standing = UpstreamStatus::Standing;
using Basis = UpstreamStatus::Basis;

constexpr std::array<std::pair<std::string_view, Standing>, 4> standing_names{{{"pending", Standing::pending},
                                                                               {"success", Standing::success},
                                                                               {"skipped", Standing::skipped},
                                                                               {"failed", Standing::failed}}};
constexpr std::array<std::pair<std::string_view, Basis>, 7> basis_names{{{"run", Basis::run},
                                                                         {"fire_to_come", Basis::fire_to_come},
                                                                         {"no_fire", Basis::no_fire},
                                                                         {"no_run", Basis::no_run},
                                                                         {"none_known", Basis::none_known},
                                                                         {"disabled", Basis::disabled},
                                                                         {"iced", Basis::iced}}};

// ---- one member

template <class Enum, std::size_t Count>
Json name_of(const std::array<std::pair<std::string_view, Enum>, Count>& names, Enum value) {
    for (const auto& [name, known] : names)
        if (known == value) return name;
    return nullptr;
}
template <class Enum, std::size_t Count>
Enum named(const std::array<std::pair<std::string_view, Enum>, Count>& names, const Json& json) {
    const auto text = json.get<std::string>();
    for (const auto& [name, known] : names)
        if (name == text) return known;
    throw JsonError("an unknown name");
}
template <class Value>
Value there(std::optional<Value> value) {
    if (!value) throw JsonError("an unknown name");
    return *value;
}

template <class Value>
Json written(const Value& value) {
    return value;
}
Json written(Instant at) { return to_string(at); }
Json written(Date date) { return to_string(date); }
Json written(Seconds time) { return time.count(); }
Json written(State state) { return to_text(state); }
Json written(Reason reason) { return reason == Reason::none ? Json(nullptr) : Json(to_text(reason)); }
Json written(Trigger trigger) { return name_of(trigger_names, trigger); }
Json written(const std::optional<Instant>& at) { return at ? written(*at) : Json(nullptr); }
Json written(const UpstreamStatus& look) {
    return {{"job", look.job},
            {"date", look.date == Date{} ? Json(nullptr) : written(look.date)},
            {"standing", name_of(standing_names, look.standing)},
            {"basis", name_of(basis_names, look.basis)},
            {"run", look.run == 0 ? Json(nullptr) : Json(look.run)},
            {"state", look.run == 0 ? Json(nullptr) : written(look.state)},
            {"reason", written(look.reason)},
            {"due", written(look.due)}};
}
Json written(const std::vector<UpstreamStatus>& looks) {
    Json list = Json::array();
    for (const UpstreamStatus& look : looks) list.push_back(written(look));
    return list;
}

template <class Value>
void read(const Json& json, Value& value) {
    value = json.get<Value>();
}
template <class Value>
void read_word(const Json& json, Value& value, std::optional<Value> (*parse)(std::string_view)) {
    value = there(parse(json.get<std::string>()));
}
void read(const Json& json, Instant& at) {
    const auto found = parse_instant(json.get<std::string>());
    if (!found) throw JsonError("no instant");
    at = *found;
}
void read(const Json& json, Date& date) {
    const auto found = parse_date(json.get<std::string>());
    if (!found) throw JsonError("no date");
    date = *found;
}
template <class Spelling>
void read(const Json& json, NameOf<Spelling>& name) {
    name = NameOf<Spelling>(json.get<std::string>());
}
void read(const Json& json, Seconds& time) { time = Seconds{json.get<std::int64_t>()}; }
void read(const Json& json, State& state) { read_word(json, state, parse_state); }
void read(const Json& json, Reason& reason) {
    if (!json.is_null()) read_word(json, reason, parse_reason);
}
void read(const Json& json, Trigger& trigger) { trigger = named(trigger_names, json); }
void read(const Json& json, std::optional<Instant>& at) {
    if (!json.is_null()) read(json, at.emplace());
}
void read(const Json& json, UpstreamStatus& look) {
    read(json.at("job"), look.job);
    look.standing = named(standing_names, json.at("standing"));
    look.basis = named(basis_names, json.at("basis"));
    if (look.basis != UpstreamStatus::Basis::none_known || !json.at("date").is_null()) read(json.at("date"), look.date);
    if (!json.at("run").is_null()) look.run = json.at("run").get<RunId>();
    if (look.run != 0 || !json.at("state").is_null()) read(json.at("state"), look.state);
    read(json.at("reason"), look.reason);
    read(json.at("due"), look.due);
}
void read(const Json& json, std::vector<UpstreamStatus>& looks) {
    for (const Json& one : json) read(one, looks.emplace_back());
}

// ---- one kind

// Calls use(name, member) for each member, in order.
template <class Data, class Use>
void each_member(Data& data, Use use) {
    constexpr auto& names = Data::form.names;
    if constexpr (names.size() == 1) {
        auto& [a] = data;
        use(names[0], a);
    } else if constexpr (names.size() == 2) {
        auto& [a, b] = data;
        use(names[0], a), use(names[1], b);
    } else if constexpr (names.size() == 3) {
        auto& [a, b, c] = data;
        use(names[0], a), use(names[1], b), use(names[2], c);
    } else if constexpr (names.size() == 4) {
        auto& [a, b, c, d] = data;
        use(names[0], a), use(names[1], b), use(names[2], c), use(names[3], d);
    } else {
        auto& [a, b, c, d, e] = data;
        use(names[0], a), use(names[1], b), use(names[2], c), use(names[3], d), use(names[4], e);
    }
}

// Returns whether the JSON is of that kind; if so, sets `found`.
template <class Data>
bool read_kind(const Json& json, std::string_view kind, BoxedOptional<ReasonData>& found) {
    if (Data::form.kind != kind) return false;
    Data data;
    each_member(data, [&](std::string_view name, auto& member) { read(json.at(name), member); });
    found = ReasonData(std::move(data));
    return true;
}

template <class... Kinds>
BoxedOptional<ReasonData> read_any(const Json& json, const std::variant<Kinds...>*) {
    BoxedOptional<ReasonData> found;
    const auto kind = json.at("kind").get<std::string>();
    (void)(read_kind<Kinds>(json, kind, found) || ...);
    return found;
}

}  // namespace

Json reason_json(const ReasonData& data) {
    return std::visit(
        [](const auto& one) {
            Json json{{"kind", one.form.kind}};
            each_member(one, [&](std::string_view name, const auto& member) { json[name] = written(member); });
            return json;
        },
        data);
}

Json reason_json(const BoxedOptional<ReasonData>& data) { return data ? reason_json(*data) : Json(nullptr); }

BoxedOptional<ReasonData> read_reason_json(const Json& json) {
    if (json.is_null()) return {};
    try {
        return read_any(json, static_cast<const ReasonData*>(nullptr));
    } catch (const JsonError&) {
        return {};
    }
}

std::string reason_data_text(const BoxedOptional<ReasonData>& data) { return data ? reason_json(*data).dump() : ""; }

BoxedOptional<ReasonData> read_reason_data(const std::string& text) {
    if (text.empty()) return {};
    const auto json = Json::parse(text);
    return json ? read_reason_json(*json) : BoxedOptional<ReasonData>();
}

}  // namespace mc
