#include "config/template.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/suggest.h"
#include "config/date_format.h"

namespace mc {

namespace {

enum class Name { plain, session, date, open, close, fire, job, run, attempt };

struct KnownName {
    std::string_view text;
    Name name;
};
constexpr KnownName known_names[] = {{"session", Name::session}, {"date", Name::date},      {"open", Name::open},
                                     {"close", Name::close},     {"fire", Name::fire},      {"job", Name::job},
                                     {"run", Name::run},         {"attempt", Name::attempt}};

bool of_calendar(Name name) { return name == Name::session || name == Name::open || name == Name::close; }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

tl::unexpected<Error> bad(std::size_t column, std::string what, std::string hint) {
    return fail(Error::Kind::config, std::move(what), std::move(hint), {"", 1, static_cast<std::uint32_t>(column)});
}

}  // namespace

// A piece of plain text, or one {{name}}.
struct Template::Part {
    Name name = Name::plain;
    std::string text;       // plain: the text; else the name as written, for messages
    CalendarName calendar;  // "" = the job's
    int offset = 0;         // sessions after (or before) the logical date; 0: the run's own
    std::string format;     // "" = the default
};

namespace {

using Head = std::string_view;

Result<Name> parse_name(Head word, std::size_t column) {
    std::vector<std::string> words;
    for (const KnownName& known : known_names) {
        if (known.text == word) return known.name;
        words.emplace_back(known.text);
    }
    return bad(column, fmt::format("unknown name {{{{{}}}}}", word),
               did_you_mean(word, words) + " (write {{{{ for a literal {{)");
}

// Removes "+2" or "-1" from the end of the head. Names of calendars may contain `-`, but not `+`.
Result<int> take_offset(Head& head, std::size_t column) {
    const std::size_t sign = head.find_last_of("+-");
    const std::size_t dot = head.rfind('.');
    if (sign == Head::npos || (dot != Head::npos && sign < dot)) return 0;
    const Head digits = trimmed(head.substr(sign + 1));
    int count = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (error != std::errc{} || end != digits.data() + digits.size() || count < 1 || count > 10000)
        return bad(column, fmt::format("invalid number of sessions in \"{}\"", head),
                   "write a number, such as {{session-1}}");
    const int offset = head[sign] == '-' ? -count : count;
    head = trimmed(head.substr(0, sign));
    return offset;
}

}  // namespace

// Parses the text between {{ and }}, which begins at `column`.
static Result<Template::Part> parse_part(std::string_view inside, std::size_t column);

Result<Template::Part> parse_part(std::string_view inside, std::size_t column) {
    Template::Part part;
    part.text = fmt::format("{{{{{}}}}}", inside);
    const std::size_t colon = inside.find(':');
    Head head = trimmed(inside.substr(0, colon));

    const Result<int> offset = take_offset(head, column);
    if (!offset) return tl::unexpected(offset.error());
    part.offset = *offset;
    if (const std::size_t dot = head.rfind('.'); dot != Head::npos) {
        part.calendar = CalendarName(std::string(head.substr(0, dot)));
        head = head.substr(dot + 1);
    }
    const Result<Name> name = parse_name(head, column);
    if (!name) return tl::unexpected(name.error());
    part.name = *name;

    if (part.offset != 0 && part.name != Name::session)
        return bad(column, fmt::format("{} cannot be counted, only sessions can", part.text), "write {{session-1}}");
    if (!part.calendar.empty() && !of_calendar(part.name))
        return bad(column, fmt::format("{} is not a value of a calendar", part.text),
                   "a calendar has session, open and close");
    if (colon == Head::npos) return part;

    part.format = trimmed(inside.substr(colon + 1));
    const bool date = part.name == Name::session || part.name == Name::date;
    const bool instant = part.name == Name::open || part.name == Name::close || part.name == Name::fire;
    if (!date && !instant)
        return bad(column, fmt::format("{} takes no format", part.text), "write it without the colon");
    if (Result<void> good = check_date_format(part.format, date ? FormatOf::date : FormatOf::instant); !good)
        return bad(column + colon + good.error().spot.column, good.error().what, good.error().hint);
    return part;
}

Result<Template> Template::parse(std::string_view text) {
    if (text.find("{{") == std::string_view::npos) {
        Template plain;
        plain.text_ = text;
        return plain;
    }
    std::vector<Part> parts;
    std::string plain;
    const auto end_plain = [&] {
        if (!plain.empty()) parts.push_back({Name::plain, std::move(plain), {}, 0, ""});
        plain.clear();
    };
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t begin = text.find("{{", at);
        plain += text.substr(at, begin == std::string_view::npos ? begin : begin - at);
        if (begin == std::string_view::npos) break;
        if (text.substr(begin, 4) == "{{{{") {
            plain += "{{";
            at = begin + 4;
            continue;
        }
        const std::size_t end = text.find("}}", begin + 2);
        if (end == std::string_view::npos)
            return bad(begin + 1, "{{ is not closed", "write }} after the name, or {{{{ for a literal {{");
        Result<Part> part = parse_part(text.substr(begin + 2, end - begin - 2), begin + 3);
        if (!part) return tl::unexpected(part.error());
        end_plain();
        parts.push_back(*std::move(part));
        at = end + 2;
    }
    end_plain();

    Template read;
    read.text_ = text;
    read.parts_ = std::make_shared<const std::vector<Part>>(std::move(parts));
    return read;
}

bool Template::needs_session() const {
    return parts_ && std::any_of(parts_->begin(), parts_->end(), [](const Part& part) {
               return of_calendar(part.name) && part.calendar.empty() && part.offset == 0;
           });
}

bool Template::needs_calendar() const {
    return parts_ && std::any_of(parts_->begin(), parts_->end(), [](const Part& part) {
               const bool own_session = part.name == Name::session && part.offset == 0;
               return of_calendar(part.name) && part.calendar.empty() && !own_session;
           });
}

std::vector<CalendarName> Template::calendars() const {
    std::vector<CalendarName> names;
    if (!parts_) return names;
    for (const Part& part : *parts_) {
        if (!part.calendar.empty()) names.push_back(part.calendar);
    }
    return names;
}

namespace {

tl::unexpected<Error> no_session(const RunFacts& facts, std::string_view asked) {
    return fail(Error::Kind::refused,
                fmt::format("{} needs a session, and {} has none", asked, to_string(facts.logical_date)));
}

// The session that the part takes from its calendar.
Result<Session> session_of(std::string_view written, const CalendarName& name, int offset, bool own,
                           const RunFacts& facts, const CalendarSet& calendars) {
    if (own && offset == 0 && !facts.session) return no_session(facts, written);
    const Result<CalendarPtr> calendar = calendars.find(name);
    if (!calendar) return tl::unexpected(calendar.error());
    const Date from = own && offset == 0 ? *facts.session : facts.logical_date;
    const Result<const Session*> session = (*calendar)->nth_from(from, offset);
    if (!session) return tl::unexpected(session.error());
    if (!*session) return no_session(facts, written);
    return **session;
}

std::string shown(Date date, const std::string& format) {
    return format.empty() ? to_string(date) : format_date(date, format);
}

std::string shown(Instant instant, const Zone& zone, const std::string& format) {
    return format.empty() ? to_string(instant) : format_instant(instant, zone, format);
}

}  // namespace

static Result<std::string> fill_part(const Template::Part& part, const RunFacts& facts, const CalendarSet& calendars);

Result<std::string> fill_part(const Template::Part& part, const RunFacts& facts, const CalendarSet& calendars) {
    const bool own = part.calendar.empty();
    const auto session = [&] {
        return session_of(part.text, own ? facts.calendar : part.calendar, part.offset, own, facts, calendars);
    };
    switch (part.name) {
        case Name::plain: return part.text;
        case Name::date: return shown(facts.logical_date, part.format);
        case Name::fire: return shown(facts.fire, *facts.zone, part.format);
        case Name::job: return facts.job.text();
        case Name::run: return fmt::format("{}", facts.run);
        case Name::attempt: return fmt::format("{}", facts.attempt);
        case Name::session:
            if (own && part.offset == 0) {
                if (!facts.session) return no_session(facts, part.text);
                return shown(*facts.session, part.format);
            }
            return session().map([&](const Session& s) { return shown(s.date, part.format); });
        case Name::open:
            return session().map([&](const Session& s) { return shown(s.open, *facts.zone, part.format); });
        case Name::close:
            return session().map([&](const Session& s) { return shown(s.close, *facts.zone, part.format); });
    }
    return part.text;
}

Result<std::string> Template::fill(const RunFacts& facts, const CalendarSet& calendars) const {
    if (!parts_) return text_;
    std::string filled;
    for (const Part& part : *parts_) {
        Result<std::string> text = fill_part(part, facts, calendars);
        if (!text) return text;
        filled += *text;
    }
    return filled;
}

Result<std::map<std::string, std::string>> run_environment(const RunFacts& facts, const CalendarSet& calendars) {
    std::map<std::string, std::string> environment{
        {"MARKETCRON_JOB", facts.job},
        {"MARKETCRON_RUN", fmt::format("{}", facts.run)},
        {"MARKETCRON_ATTEMPT", fmt::format("{}", facts.attempt)},
        {"MARKETCRON_FIRE", to_string(facts.fire)},
        {"MARKETCRON_DATE", to_string(facts.logical_date)},
    };
    if (!facts.session) return environment;
    environment["MARKETCRON_SESSION"] = to_string(*facts.session);
    if (facts.calendar.empty()) return environment;

    // A run may be for another calendar's session on a day when its own is closed: then it has no open.
    const Result<CalendarPtr> calendar = calendars.find(facts.calendar);
    if (!calendar) return tl::unexpected(calendar.error());
    const Result<const Session*> session = (*calendar)->session(*facts.session);
    if (!session) return tl::unexpected(session.error());
    if (!*session) return environment;
    environment["MARKETCRON_OPEN"] = to_string((*session)->open);
    environment["MARKETCRON_CLOSE"] = to_string((*session)->close);
    return environment;
}

}  // namespace mc
