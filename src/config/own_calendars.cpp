#include "config/own_calendars.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "calendar/check.h"
#include "calendar/day_rule.h"
#include "calendar/head.h"
#include "calendar/joint.h"
#include "calendar/rules.h"
#include "calendar/rules_table.h"
#include "config/keys.h"

namespace mc {

namespace {

// The default coverage of a calendar made only of rules.
const Date first_known = make_date(1990, 1, 1);
const Date last_known = make_date(2099, 12, 31);

// One day of `extends`: its key, its value, and the place of both.
struct WrittenDay {
    std::string key;
    Date date;
    const toml::node* value = nullptr;  // null in a plain list of dates
    Spot spot;
};

// `opened`: the dates of `open`, which may also have an early close or a late open.
struct WrittenChanges {
    std::vector<DayChange> days;
    std::set<Date> opened;
};

toml::date toml_date(Date date) {
    const date::year_month_day ymd = civil(date);
    return {int{ymd.year()}, unsigned{ymd.month()}, unsigned{ymd.day()}};
}

std::optional<Date> date_in(const toml::node& node) {
    if (const auto* date = node.as_date()) return make_date(date->get().year, date->get().month, date->get().day);
    const auto* text = node.as_string();
    if (!text) return {};
    const Result<Date> date = parse_date(text->get());
    return date ? std::optional(*date) : std::nullopt;
}

class OwnCalendarsReader {
   public:
    OwnCalendarsReader(const Document& document, const CalendarSet& without, Problems& problems, Checking checking)
        : document_(document),
          without_(without),
          all_(std::make_shared<CalendarSet>(without)),
          problems_(problems),
          checking_(checking) {}

    OwnCalendars read() {
        OwnCalendars own;
        for (const auto& [written, section] : document_.calendars) {
            const CalendarName name(written);
            build(name, section);
            own.texts.emplace(name, OwnCalendarText{text_of(name, *section.table), bases_of(*section.table)});
        }
        own.all = all_;
        return own;
    }

   private:
    // Builds it after the calendars that it extends. If that fails, a placeholder takes its place, so that the jobs
    // that name it are still checked.
    void build(const CalendarName& name, const Section& section) {
        if (!done_.insert(name).second) return;
        const toml::table& table = *section.table;
        CalendarPtr made;
        if (auto wrong = wrong_name(name)) {
            problems_.report(section.spot, *std::move(wrong));
            if (all_->owner(name)) return;  // jobs that name it are checked with the other one
        } else if (table.contains("all_of") || table.contains("any_of")) {
            if (auto together = joint(name, section)) made = std::make_shared<const Calendar>(*std::move(together));
        } else if (!table.contains("extends") && misspelt_base(name, table)) {
            // Made of calendars that are not known: nothing more can be checked.
        } else made = table.contains("extends") ? extended(name, section) : from_nothing(name, section);
        if (!made) failed_.insert(name);
        all_->add(made ? made : calendar_of(stand_in(name), Zone::utc()));
    }

    // Whether a key was probably meant to be one of `ways`, which is reported.
    bool misspelt_base(const CalendarName& name, const toml::table& table) {
        static const std::vector<std::string> ways{"all_of", "any_of", "extends"};
        bool found = false;
        for (const auto& [key, node] : table) {
            const std::string meant = nearest(key.str(), ways);
            if (meant.empty()) continue;
            found = true;
            problems_.report(spot_of(key.source()), fmt::format("unknown key `{}` in [calendar.{}]", key.str(), name),
                             fmt::format("did you mean {}?", meant));
        }
        return found;
    }

    // A name belongs to one calendar, which this one replaces.
    std::optional<Error> wrong_name(const CalendarName& name) const {
        if (auto wrong = wrong_calendar_word(name, CalendarWordKind::name)) return wrong;
        if (const auto owner = without_.owner(name); owner && *owner != name)
            return Error{Error::Kind::config,
                         fmt::format("\"{}\" is already a name of {}", name, *owner),
                         fmt::format("write [calendar.{}] to change that one, or use another name", *owner),
                         {}};
        for (const auto& [other, section] : document_.calendars)
            if (other < name && same_calendar_word(other, name))
                return Error{Error::Kind::config,
                             fmt::format("\"{}\" and \"{}\" are the same name", other, name),
                             "rename one of them",
                             {}};
        return std::nullopt;
    }

    static CalendarPtr calendar_of(CalendarRules rules, ZonePtr zone) {
        return std::make_shared<const Calendar>(std::make_shared<const CalendarRules>(std::move(rules)),
                                                std::move(zone));
    }

    static CalendarRules stand_in(const CalendarName& name) {
        CalendarRules rules;
        rules.name = name;
        rules.timezone = "UTC";
        rules.coverage = {first_known, last_known, last_known};
        rules.weeks.emplace_back();
        HoursRule whole_day;
        whole_day.hours.close = std::chrono::hours{24};
        rules.hours.push_back(whole_day);
        return rules;
    }

    // A list of `closed` is read as with `extends`, a table as in a calendar file.
    CalendarPtr from_nothing(const CalendarName& name, const Section& section) {
        toml::table& table = *section.table;
        table.insert("name", name.text());
        table.insert("checked", toml::date{2000, 1, 1});
        table.insert("coverage", toml::table{{"from", toml_date(first_known)}, {"to", toml_date(last_known)}});
        std::vector<std::string_view> apart{"open", "early_close", "late_open"};
        if (const toml::node* closed = table.get("closed"); closed && !closed->is_table()) apart.push_back("closed");
        ResultAll<CalendarRules> rules = read_calendar_rules(table, section.spot.file, no_rules_to_extend, apart);
        if (!rules) {
            report_all(name, section, std::move(rules.error()));
            return nullptr;
        }
        const Result<ZonePtr> zone = without_.zones()(rules->timezone);
        if (!zone) {
            problems_.report(rules->timezone_spot, zone.error());
            return calendar_of(*std::move(rules), Zone::utc());
        }
        if (checking_ == Checking::all)
            if (Errors errors = check_rules(*rules, section.spot.file, **zone); !errors.empty()) {
                report_all(name, section, std::move(errors));
                return nullptr;
            }
        WrittenChanges written = changes(table, apart);
        if (written.days.empty()) return calendar_of(*std::move(rules), *zone);
        const CalendarPtr plain = calendar_of(*std::move(rules), *zone);
        return calendar_of(changed(*plain, name, std::move(written)), *zone);
    }

    // [[hours]] of a calendar file is [[calendar.NAME.hours]] here.
    static void in_this_file(std::string& hint, const CalendarName& name) {
        const std::string table = fmt::format("[[calendar.{}.", name);
        for (std::size_t at = 0; (at = hint.find("[[", at)) != std::string::npos; at += table.size())
            hint.replace(at, 2, table);
    }

    void report_all(const CalendarName& name, const Section& section, Errors errors) {
        for (Error& error : errors) {
            if (error.spot.line == 0) error.spot = section.spot;
            in_this_file(error.hint, name);
            problems_.report(section.spot, std::move(error));
        }
    }

    std::optional<JointCalendar> joint(const CalendarName& name, const Section& section) {
        const toml::table& table = *section.table;
        check_keys(name, table, {"all_of", "any_of", "timezone", "description"});
        JointCalendar joint;
        joint.name = name;
        joint.how = table.contains("all_of") ? Joining::all_of : Joining::any_of;
        const char* key = joint.how == Joining::all_of ? "all_of" : "any_of";
        const auto names = table.get(key)->as_array();
        if (table.contains("all_of") && table.contains("any_of"))
            problems_.report(spot_of(*table.get("any_of")),
                             fmt::format("[calendar.{}] has both `all_of` and `any_of`", name), "keep one of them");
        if (!names || names->size() < 2) {
            problems_.report(spot_of(*table.get(key)), fmt::format("`{}` needs two calendars or more", key),
                             fmt::format("write {} = [\"XNYS\", \"XLON\"]", key));
            return {};
        }
        const ZonePtr written = written_zone(table);
        for (const toml::node& element : *names) add_part(joint, element, key);
        if (joint.parts.size() < names->size()) return {};
        if (const auto* text = table.get_as<std::string>("description")) joint.description = text->get();
        joint.zone = written ? written : zone_of(joint, section);
        return joint;
    }

    void add_part(JointCalendar& joint, const toml::node& element, const char* key) {
        const auto* part = element.as_string();
        Result<CalendarPtr> found = part ? base_of(joint.name, CalendarName(part->get()))
                                         : fail(Error::Kind::config, fmt::format("`{}` must contain names", key));
        if (!found) return problems_.report(spot_of(element), std::move(found.error()));
        if (std::find(joint.parts.begin(), joint.parts.end(), *found) != joint.parts.end())
            return problems_.report(spot_of(element), fmt::format("`{}` has {} twice", key, (*found)->name()),
                                    "name each calendar once");
        joint.parts.push_back(*found);
    }

    // Null if none is written, or an unknown one.
    ZonePtr written_zone(const toml::table& table) {
        const auto* text = table.get_as<std::string>("timezone");
        if (!text) return nullptr;
        auto zone = without_.zones()(text->get());
        if (zone) return *zone;
        problems_.report(spot_of(*table.get("timezone")), std::move(zone.error()));
        return nullptr;
    }

    // The zone that all parts share.
    ZonePtr zone_of(const JointCalendar& joint, const Section& section) {
        const ZonePtr& first = joint.parts.front()->zone();
        if (!section.table->contains("timezone") &&
            !std::all_of(joint.parts.begin(), joint.parts.end(),
                         [&](const CalendarPtr& part) { return part->zone()->name() == first->name(); }))
            problems_.report(
                section.spot,
                fmt::format("[calendar.{}] has no timezone, and the time zones of its parts differ", joint.name),
                fmt::format("write timezone = \"{}\"", first->name()));
        return first;
    }

    CalendarPtr extended(const CalendarName& name, const Section& section) {
        const toml::node& extends = *section.table->get("extends");
        const auto* base = extends.as_string();
        if (!base) {
            problems_.report(spot_of(extends), "`extends` must be the name of a calendar", "write extends = \"XNYS\"");
            return {};
        }
        Result<CalendarPtr> calendar = base_of(name, CalendarName(base->get()));
        if (!calendar) {
            problems_.report(spot_of(extends), std::move(calendar.error()));
            return {};
        }
        if (base->get() != name && failed_.contains(CalendarName(base->get())))
            return nullptr;  // no days to compare with
        check_keys(name, *section.table, {"extends", "description", "closed", "open", "early_close", "late_open"});
        if (!(*calendar)->rules()) {
            problems_.report(spot_of(extends),
                             fmt::format("{} is made of other calendars and cannot be extended", base->get()),
                             "extend its parts and join them");
            return {};
        }
        const std::vector<std::string_view> keys{"closed", "open", "early_close", "late_open"};
        CalendarRules rules = changed(**calendar, base->get(), changes(*section.table, keys));
        if (rules.name != name) rules.aliases.clear();
        rules.name = name;
        if (const auto* text = section.table->get_as<std::string>("description")) rules.description = text->get();
        return calendar_of(std::move(rules), (*calendar)->zone());
    }

    // The base's rules with those days. If one end is changed, the other stays, also on a day with special hours.
    CalendarRules changed(const Calendar& base, const std::string& shown, WrittenChanges written) {
        if (checking_ == Checking::all)
            std::erase_if(written.days, [&](const DayChange& day) { return !is_change(day, base, shown, written); });
        std::vector<Date> dates;
        for (DayChange& day : written.days) {
            dates.push_back(day.date);
            const Result<const Session*> session = base.session(day.date);
            if (day.closed || !session || !*session) continue;
            const auto local = [&](Instant t) { return base.zone()->to_wall(t) - WallTime{day.date}; };
            if (!day.hours.open && (*session)->late_open) day.hours.open = local((*session)->open);
            if (!day.hours.close && (*session)->early_close) day.hours.close = local((*session)->close);
        }
        CalendarRules rules = with_changes(*base.rules(), written.days);
        if (checking_ == Checking::all)
            for (Error& error : check_sessions_on(rules, *base.zone(), dates)) {
                const Spot spot = error.spot;
                problems_.report(spot, std::move(error));
            }
        return rules;
    }

    // Whether the day changes anything; if not, reports why.
    bool is_change(const DayChange& day, const Calendar& base, const std::string& shown,
                   const WrittenChanges& written) {
        const std::string date = to_string(day.date);
        const auto wrong = [&](std::string what, std::string hint) {
            problems_.report(day.reason.spot, std::move(what), std::move(hint));
            return false;
        };
        const Result<const Session*> session = base.session(day.date);
        if (!session) return wrong(session.error().what, session.error().hint);
        const bool opened = written.opened.contains(day.date);
        if (day.closed && !*session) return wrong(fmt::format("{} has no session on {}", shown, date), "remove it");
        if (opened && *session) return wrong(fmt::format("{} already has a session on {}", shown, date), "remove it");
        if (!day.closed && !opened && !*session)
            return wrong(fmt::format("{} has no session on {}", shown, date),
                         fmt::format("write open = [{}] too, or remove it", date));
        const LocalHours regular = base.rules()->regular_hours(day.date);
        // `apart`: the day has special hours already, so the message shows these (`now`) and the regular ones (`rule`).
        const auto does = [&](std::string_view verb, Seconds rule, bool apart, Instant now) {
            if (!*session || !apart)
                return fmt::format("{} {} at {} on {} anyway", shown, verb, day_time_text(rule), date);
            return fmt::format("{} {} at {} on {}, and at {} on other days", shown, verb,
                               day_time_text(base.zone()->to_wall(now) - WallTime{day.date}), date,
                               day_time_text(rule));
        };
        if (day.hours.close && *day.hours.close >= regular.close)
            return wrong(does("closes", regular.close, *session && (*session)->early_close,
                              *session ? (*session)->close : Instant{}) +
                             ": this is not an early close",
                         "write an earlier time, or remove it");
        if (day.hours.open && *day.hours.open <= regular.open)
            return wrong(does("opens", regular.open, *session && (*session)->late_open,
                              *session ? (*session)->open : Instant{}) +
                             ": this is not a late open",
                         "write a later time, or remove it");
        return true;
    }

    // The calendar to extend or join: another one of the configuration, which is built first, or one passed in. Its own
    // name means the one that it replaces.
    Result<CalendarPtr> base_of(const CalendarName& name, const CalendarName& base) {
        const auto own = document_.calendars.find(base);
        if (base == name) return without_.find(base);
        if (own == document_.calendars.end()) return all_->find(base);
        if (chain_.contains(base))
            return fail(Error::Kind::config, fmt::format("\"{}\" and \"{}\" are made of each other", name, base),
                        "let one of them be made of built-in calendars");
        chain_.insert(name);
        build(base, own->second);
        chain_.erase(name);
        return all_->find(base);
    }

    void check_keys(const CalendarName& name, const toml::table& table, const std::vector<std::string>& known) {
        for (const auto& [key, node] : table) {
            if (std::find(known.begin(), known.end(), key.str()) == known.end())
                problems_.report(spot_of(key.source()),
                                 fmt::format("unknown key `{}` in [calendar.{}]", key.str(), name),
                                 did_you_mean(key.str(), known));
        }
    }

    WrittenChanges changes(const toml::table& table, const std::vector<std::string_view>& keys) {
        WrittenChanges changes;
        std::map<Date, std::string> seen;
        for (const std::string_view key : keys) {
            for (const WrittenDay& day : days(table, key)) {
                const auto [first, added] = seen.emplace(day.date, day.key);
                const bool both_ends = first->second != day.key && first->second != "closed" && day.key != "closed";
                if (!added && !both_ends)
                    problems_.report(day.spot, fmt::format("{} is listed twice", to_string(day.date)),
                                     "keep one of them");
                else if (auto change = change_of(day)) merge(changes.days, *change);
                if (key == "open") changes.opened.insert(day.date);
            }
        }
        return changes;
    }

    // An early close and a late open on the same date are one change.
    static void merge(std::vector<DayChange>& changes, const DayChange& change) {
        for (DayChange& earlier : changes) {
            if (earlier.date != change.date) continue;
            if (change.hours.open) earlier.hours.open = change.hours.open;
            if (change.hours.close) earlier.hours.close = change.hours.close;
            return;
        }
        changes.push_back(change);
    }

    std::vector<WrittenDay> days(const toml::table& table, std::string_view key) {
        std::vector<WrittenDay> days;
        const toml::node* node = table.get(key);
        if (!node) return days;
        const bool hours = key == "early_close" || key == "late_open";
        const auto bad = [&](const Spot& spot) {
            problems_.report(spot, fmt::format("`{}` must contain dates", key),
                             hours ? fmt::format("write {} = {{ 2026-12-24 = \"13:00\" }}", key)
                                   : fmt::format("write {} = [2026-12-24]", key));
        };
        if (const toml::array* list = node->as_array(); list && !hours) {
            for (const toml::node& element : *list) {
                if (const auto date = date_in(element))
                    days.push_back({std::string{key}, *date, nullptr, spot_of(element)});
                else bad(spot_of(element));
            }
        } else if (const toml::table* entries = node->as_table()) {
            for (const auto& [name, value] : *entries) {
                if (const Result<Date> date = parse_date(name.str()))
                    days.push_back({std::string{key}, *date, &value, spot_of(name.source())});
                else bad(spot_of(name.source()));
            }
        } else {
            bad(spot_of(*node));
        }
        return days;
    }

    // The value of a date is the reason for closed and open, and the time for the others.
    std::optional<DayChange> change_of(const WrittenDay& day) {
        DayChange change;
        change.date = day.date;
        change.closed = day.key == "closed";
        change.reason.spot = day.spot;
        const auto* text = day.value ? day.value->as_string() : nullptr;
        if (day.key == "closed" || day.key == "open") {
            change.reason.name = text                  ? text->get()
                                 : day.key == "closed" ? "closed in the configuration"
                                                       : "open in the configuration";
            return change;
        }
        const Result<Seconds> time = text ? parse_day_time(text->get()) : fail(Error::Kind::config, "");
        if (!time) {
            problems_.report(day.spot, fmt::format("`{}` needs a time", day.key),
                             fmt::format("write {} = {{ {} = \"13:00\" }}", day.key, to_string(day.date)));
            return {};
        }
        (day.key == "early_close" ? change.hours.close : change.hours.open) = *time;
        change.reason.name =
            day.key == "early_close" ? "early close in the configuration" : "late open in the configuration";
        return change;
    }

    static std::vector<CalendarName> bases_of(const toml::table& table) {
        std::vector<CalendarName> bases;
        if (const auto* base = table.get_as<std::string>("extends")) bases.emplace_back(base->get());
        for (const char* key : {"all_of", "any_of"})
            if (const auto* names = table.get_as<toml::array>(key))
                for (const toml::node& element : *names)
                    if (const auto* name = element.as_string()) bases.emplace_back(name->get());
        return bases;
    }

    static std::string text_of(const CalendarName& name, const toml::table& table) {
        std::ostringstream text;
        text << toml::table{{"calendar", toml::table{{name.text(), table}}}} << "\n";
        return text.str();
    }

    const Document& document_;
    const CalendarSet& without_;
    std::shared_ptr<CalendarSet> all_;
    Problems& problems_;
    Checking checking_;
    std::set<CalendarName> done_, failed_, chain_;
};

}  // namespace

OwnCalendars read_own_calendars(const Document& document, const CalendarSet& without, Problems& problems,
                                Checking checking) {
    return OwnCalendarsReader(document, without, problems, checking).read();
}

}  // namespace mc
