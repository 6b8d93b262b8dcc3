#include "config/document.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "base/suggest.h"

namespace mc {

namespace {

constexpr std::size_t file_bytes_max = 10'000'000;

std::string place_text(const Spot& spot) { return fmt::format("{}:{}", spot.file, spot.line); }

Spot spot_at(const SourceText& file, std::size_t offset) {
    const std::string_view before = std::string_view(file.text).substr(0, offset);
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const std::size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    return {file.path, static_cast<std::uint32_t>(lines) + 1, static_cast<std::uint32_t>(offset - line_start) + 1};
}

bool blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

class DocumentReader {
   public:
    DocumentReader(const ReadContext& context, Problems& problems) : context_(context), problems_(problems) {}

    Document read(const SourceText& main) {
        if (blank(main.text))
            problems_.report({main.path, 0, 0}, "the file is empty",
                             "write a job, such as [job.hello] with a schedule and a command");
        read_file(main);
        document_.generation = fmt::format("{:016x}", hash_);
        return std::move(document_);
    }

   private:
    void read_file(const SourceText& file) {
        if (std::find(document_.files.begin(), document_.files.end(), file.path) != document_.files.end()) return;
        document_.files.push_back(file.path);
        problems_.add_file(file.path);
        hash_ = stable_hash(file.text, hash_);
        if (!readable(file)) return;

        Result<toml::table> parsed = parse_toml(file.text, file.path);
        if (!parsed) return report_syntax(file, std::move(parsed.error()));
        document_.trees.push_back(std::make_unique<toml::table>(std::move(*parsed)));
        toml::table& tree = *document_.trees.back();
        sort_sections(tree);
        if (toml::node* include = tree.get("include")) read_includes(*include, file);
    }

    bool readable(const SourceText& file) {
        if (file.text.size() > file_bytes_max) {
            problems_.report({file.path, 0, 0}, "the file has more than 10 MB",
                             "split it and name the parts in include = [\"conf.d/*.toml\"]");
            return false;
        }
        const std::size_t nul = file.text.find('\0');
        if (nul == std::string::npos) return true;
        problems_.report(spot_at(file, nul), "a NUL byte: this is not a text file",
                         "write the file again; it may have been truncated while it was written");
        return false;
    }

    // Hides the library's text if the line may contain a secret, such as a webhook, because the text quotes the line.
    void report_syntax(const SourceText& file, Error error) {
        std::string_view text = file.text;
        for (std::uint32_t line = 1; line < error.spot.line; ++line) {
            const std::size_t end = text.find('\n');
            text = end == std::string_view::npos ? "" : text.substr(end + 1);
        }
        const std::string_view line = text.substr(0, text.find('\n'));
        const bool secret =
            line.find("webhook") != std::string_view::npos || line.find("://") != std::string_view::npos;
        if (secret) return problems_.report(error.spot, "invalid TOML", "write texts in quotes");
        const Spot spot = error.spot;
        problems_.report(spot, std::move(error));
    }

    void read_includes(toml::node& node, const SourceText& from) {
        toml::array* list = node.as_array();
        if (!list) {
            problems_.report(spot_of(node), "`include` must be a list of files", "write include = [\"conf.d/*.toml\"]");
            return;
        }
        for (const toml::node& element : *list) {
            const auto* pattern = element.as_string();
            if (!pattern || pattern->get().empty()) {
                problems_.report(spot_of(element), "`include` must contain texts in quotes",
                                 "write include = [\"conf.d/*.toml\"]");
                continue;
            }
            read_included(pattern->get(), spot_of(element), from);
        }
    }

    void read_included(const std::string& pattern, const Spot& spot, const SourceText& from) {
        Result<std::vector<SourceText>> files = context_.include(pattern, from.path);
        if (!files) {
            problems_.report(spot, std::move(files.error()));
            return;
        }
        const bool plain = pattern.find_first_of("*?[") == std::string::npos;
        if (plain && files->empty())
            problems_.report(spot, fmt::format("file \"{}\" not found", pattern), "create it, or remove it here");
        else if (files->empty())
            document_.warnings.push_back({fmt::format("include: no file matches \"{}\"", pattern), spot});
        for (const SourceText& file : *files) read_file(file);
    }

    void sort_sections(toml::table& tree) {
        for (auto&& [key, node] : tree) {
            const std::string_view name = key.str();
            if (name == "include") continue;
            if (name == "defaults") add_shared(document_.defaults, node, "[defaults]");
            else if (name == "daemon") add_shared(document_.daemon, node, "[daemon]");
            else if (name == "job") add_named(document_.jobs, node, "job");
            else if (name == "group") add_named(document_.groups, node, "group");
            else if (name == "pool") add_named(document_.pools, node, "pool");
            else if (name == "calendar") add_named(document_.calendars, node, "calendar");
            else if (name == "crontab") add_shared(document_.crontab, node, "[crontab]");
            else if (const ChannelReader* reader = find_reader(context_.channels, name)) add_channels(*reader, node);
            else
                problems_.report(spot_of(key.source()), fmt::format("unknown key `{}`", name),
                                 did_you_mean(name, known_sections()));
        }
    }

    std::vector<std::string> known_sections() const {
        std::vector<std::string> known{"include", "defaults", "daemon", "crontab", "job", "group"};
        for (const ChannelReader* reader : context_.channels) known.emplace_back(reader->kind());
        known.insert(known.end(), {"pool", "calendar"});
        return known;
    }

    void add_channels(const ChannelReader& reader, toml::node& node) {
        const std::string kind(reader.kind());
        if (reader.has_free_names()) add_shared(document_.shared_channels[kind], node, fmt::format("[{}]", kind));
        else add_named(document_.channels[kind], node, kind);
    }

    void add_shared(std::vector<toml::table*>& tables, toml::node& node, std::string_view title) {
        toml::table* table = node.as_table();
        if (!table) {
            problems_.report(spot_of(node), fmt::format("{} must be a table", title),
                             fmt::format("write {} on a line of its own", title));
            return;
        }
        for (const toml::table* earlier : tables) {
            for (const auto& [key, value] : *table) {
                const toml::node* first = earlier->get(key.str());
                if (first)
                    problems_.report(
                        spot_of(key.source()),
                        fmt::format("`{}` of {} is already set at {}", key.str(), title, place_text(spot_of(*first))),
                        "keep one of them");
            }
        }
        tables.push_back(table);
    }

    void add_named(std::map<std::string, Section>& sections, toml::node& node, std::string_view kind) {
        toml::table* tables = node.as_table();
        if (!tables) {
            problems_.report(spot_of(node), fmt::format("`{}` must be a table", kind),
                             fmt::format("write [{}.NAME]", kind));
            return;
        }
        for (auto&& [key, value] : *tables) {
            const std::string name{key.str()};
            toml::table* table = value.as_table();
            if (!table) {
                problems_.report(spot_of(key.source()), fmt::format("`{}` is in [{}] itself", name, kind),
                                 fmt::format("write [{}.NAME] above it", kind));
                continue;
            }
            const Spot spot = table->source().begin.line != 0 ? spot_of(*table) : spot_of(key.source());
            add_one(sections, name, {table, spot}, kind);
        }
    }

    static std::string name_hint(const std::string& name, std::string_view kind) {
        if (name.size() > longest_plain_name)
            return fmt::format("it has {} characters; write at most {}", name.size(), longest_plain_name);
        if (name.starts_with('-') || name.starts_with('.')) return "begin it with a letter, a digit or _";
        return kind == "job" ? "write letters, digits, _, - and ." : "write letters, digits, _ and -";
    }

    void add_one(std::map<std::string, Section>& sections, const std::string& name, Section section,
                 std::string_view kind) {
        if (!(kind == "job" ? JobName::parse(name).has_value() : is_plain_name(name))) {
            problems_.report(section.spot, fmt::format("\"{}\" is not a valid name for [{}.NAME]", name, kind),
                             name_hint(name, kind));
            return;
        }
        const auto [entry, added] = sections.emplace(name, section);
        if (!added)
            problems_.report(
                section.spot,
                fmt::format("[{}.{}] is already defined at {}", kind, name, place_text(entry->second.spot)),
                "rename one of them");
    }

    const ReadContext& context_;
    Problems& problems_;
    Document document_;
    std::uint64_t hash_ = 0;
};

}  // namespace

Document read_document(const SourceText& file, const ReadContext& context, Problems& problems) {
    return DocumentReader(context, problems).read(file);
}

}  // namespace mc
