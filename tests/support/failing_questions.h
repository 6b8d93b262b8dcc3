// failing_questions.h — a ledger with questions that fail, as when the disk cannot be read.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/forwarding_store.h"

namespace mc::test {

// No question fails by default; derived classes choose.
class UnsureStore : public ForwardingStore {
   public:
    using ForwardingStore::ForwardingStore;

    Result<std::optional<Run>> by_key(const JobName& job, const FireKey& key) const override {
        return answer([&] { return behind().by_key(job, key); });
    }
    Result<std::optional<Run>> by_id(RunId id) const override {
        return answer([&] { return behind().by_id(id); });
    }
    Result<std::optional<Run>> spanning(const JobName& job, Instant fire) const override {
        return answer([&] { return behind().spanning(job, fire); });
    }
    Result<std::optional<JobRecord>> record_of(const JobName& job) const override {
        return answer([&] { return behind().record_of(job); });
    }
    Result<std::vector<Run>> by_date(const JobName& job, Date date) const override {
        return answer([&] { return behind().by_date(job, date); });
    }
    Result<std::optional<Run>> newest_before(const JobName& job, Date date, Instant fire) const override {
        return answer([&] { return behind().newest_before(job, date, fire); });
    }
    Result<std::vector<Run>> upstream_failed_after(const JobName& job, Date date) const override {
        return answer([&] { return behind().upstream_failed_after(job, date); });
    }

    static constexpr const char* why = "the disk fails";

   protected:
    enum class Fate { answered, failed, taken_for_none };
    virtual Fate fate() const { return Fate::answered; }  // of the current question

   private:
    template <class Ask>
    auto answer(Ask ask) const -> decltype(ask()) {
        switch (fate()) {
            case Fate::failed: return mc::fail(Error::Kind::store, why, "look for a failing disk");
            case Fate::taken_for_none: return {};
            case Fate::answered: break;
        }
        return ask();
    }
};

class FailingQuestions final : public UnsureStore {
   public:
    explicit FailingQuestions(std::shared_ptr<Store> behind = make_memory_store()) : UnsureStore(std::move(behind)) {}

    // The next question with that number (from 1) fails; those after it are answered again.
    void fail(int number) {
        failing_ = number;
        asked_ = 0;
    }
    // From now on every question fails, or none.
    void fail_all(bool all) {
        fails_all_ = all;
        failing_ = asked_ = 0;
    }
    // Whether that question was asked and failed.
    bool has_failed() const { return failing_ != 0 && asked_ >= failing_; }

   protected:
    Fate fate() const override { return ++asked_ == failing_ || fails_all_ ? Fate::failed : Fate::answered; }

   private:
    mutable int asked_ = 0;
    int failing_ = 0;
    bool fails_all_ = false;
};

}  // namespace mc::test
