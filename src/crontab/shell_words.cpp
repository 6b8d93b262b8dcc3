#include "crontab/shell_words.h"

#include <algorithm>

namespace mc {

namespace {

class Splitter {
   public:
    explicit Splitter(std::string_view line) : line_(line) {}

    std::vector<std::vector<std::string>> split() {
        while (at_ < line_.size()) {
            const char c = line_[at_];
            if (c == ' ' || c == '\t') end_word();
            else if (c == '>' || c == '<' || (c == '&' && next() == '>')) skip_redirection();
            else if (c == '\n' || c == ';' || c == '&' || c == '|' || c == '(' || c == ')') end_command();
            else {
                take_character();
                continue;
            }
            ++at_;
        }
        end_command();
        return std::move(commands_);
    }

   private:
    char next() const { return at_ + 1 < line_.size() ? line_[at_ + 1] : '\0'; }

    void end_word() {
        if (has_word_ && !skips_) words_.push_back(std::move(word_));
        if (has_word_) skips_ = false;
        word_.clear();
        has_word_ = false;
    }
    void end_command() {
        end_word();
        skips_ = false;
        if (!words_.empty()) commands_.push_back(std::move(words_));
        words_.clear();
    }

    // `>`, `>>`, `2>&1`, `&>file`, `<<<word`: the word after it does not belong to the command.
    void skip_redirection() {
        const bool number = word_.find_first_not_of("0123456789") == std::string::npos;
        if (number) {
            word_.clear();
            has_word_ = false;
        }
        end_word();
        while (next() == '>' || next() == '<' || next() == '&' || next() == '|') ++at_;
        skips_ = true;
    }

    void take_character() {
        has_word_ = true;
        const char c = line_[at_];
        if (c == '\\' && at_ + 1 < line_.size()) {
            word_ += next();
            at_ += 2;
        } else if (c == '\'' || c == '"' || c == '`') {
            const auto end = std::min(closing(c), line_.size());
            word_ += line_.substr(at_ + 1, end - at_ - 1);
            at_ = end + 1;
        } else if (c == '$' && next() == '(') {
            const auto end = after_parentheses();
            word_ += line_.substr(at_, end - at_);
            at_ = end;
        } else {
            word_ += c;
            ++at_;
        }
    }

    std::size_t closing(char quote) const {
        for (auto end = at_ + 1; end < line_.size(); ++end) {
            if (quote != '\'' && line_[end] == '\\') ++end;
            else if (line_[end] == quote) return end;
        }
        return line_.size();
    }

    std::size_t after_parentheses() const {
        int depth = 0;
        for (auto end = at_ + 1; end < line_.size(); ++end) {
            if (line_[end] == '(') ++depth;
            if (line_[end] == ')' && --depth == 0) return end + 1;
        }
        return line_.size();
    }

    std::string_view line_;
    std::size_t at_ = 0;
    std::string word_;
    bool has_word_ = false;
    bool skips_ = false;  // the next word belongs to a redirection
    std::vector<std::string> words_;
    std::vector<std::vector<std::string>> commands_;
};

}  // namespace

std::vector<std::vector<std::string>> shell_commands(std::string_view line) { return Splitter(line).split(); }

}  // namespace mc
