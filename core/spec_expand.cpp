#include "core/spec_expand.hpp"

#include "core/spec_check.hpp"
#include "core/spec_labels.hpp"
#include "core/spec_links.hpp"
#include "core/spec_order.hpp"
#include "core/spec_rows.hpp"
#include "core/spec_variables.hpp"
#include "core/sweep.hpp"

#include <algorithm>

namespace torc::core {

namespace {

/// Expands one spec. The steps go in the order of run().
class expander {
public:
  expander(const workflow_spec& spec, const compile_pattern& compile, complaints wrong)
      : spec_(spec), wrong_(std::move(wrong)), context_{compile, tests_, wrong_} {}

  checked<expanded_workflow> run() {
    check(spec_, wrong_);
    fill_rows(spec_, out_);
    shared_ = read_parameters(spec_.parameters, wrong_);
    shared_known_ = !spec_.missing.parameters && shared_.size() == spec_.parameters.size();
    expand_files();
    make_sweeps();
    expand_names();
    enter_names();
    const spec_variables variables(files_, out_.files, data_, out_.user_data);
    for (uint32_t i = 0; i < spec_.jobs.size(); ++i)
      if (sweeps_[i])
        resolve_jobs(i, variables);
    check_own_names();
    resolve_actions();
    check_overrides();
    out_.workflow.execution_config = execution_config(spec_, out_.jobs);
    if (!order_jobs(spec_, std::move(waits_for_itself_), out_, wrong_) || !wrong_.empty())
      return {std::nullopt, std::move(wrong_).take()};
    return {std::move(out_), {}};
  }

private:
  void expand_files() {
    for (const auto& spec : spec_.files) {
      const auto s = sweep::make(spec.sweep, shared_, shared_known_, spec.name.at, wrong_);
      if (!s || !room_for(out_.files.size(), s->size(), "files", spec.name.at)) {
        lost_files_.push_back(&spec.name.value);
        continue;
      }
      const auto name = s->compile(spec.name.value);
      const auto path = s->compile(spec.path.value);
      for (uint32_t c = 0; c < s->size(); ++c) {
        s->select(c, index_);
        auto& file = out_.files.emplace_back();
        name.render(s->values(), index_, file.name);
        path.render(s->values(), index_, file.path);
        file.mtime = spec.mtime;
        file_spec_.push_back(static_cast<uint32_t>(&spec - spec_.files.data()));
      }
    }
  }

  bool room_for(size_t have, size_t more, std::string_view kind, place at) {
    if (have + more <= max_instances)
      return true;
    wrong_.add(at, "the workflow has more than " + std::to_string(max_instances) + ' ' +
                       std::string(kind) + "; use fewer values, or several workflows");
    return false;
  }

  void make_sweeps() {
    size_t total = 0;
    for (const auto& spec : spec_.jobs) {
      auto s = sweep::make(spec.sweep, shared_, shared_known_, spec.name.at, wrong_);
      if (s && !room_for(total, s->size(), "jobs", spec.name.at))
        s.reset();
      total += s ? s->size() : 0;
      if (!s)
        lost_jobs_.push_back(&spec.name.value);
      first_job_.push_back(static_cast<uint32_t>(total) - (s ? s->size() : 0));
      sweeps_.push_back(std::move(s));
    }
    out_.jobs.resize(total);
    waits_for_itself_.resize(total);
  }

  void expand_names() {
    for (uint32_t i = 0; i < sweeps_.size(); ++i) {
      if (!sweeps_[i])
        continue;
      const auto& spec = spec_.jobs[i];
      const auto name = sweeps_[i]->compile(spec.name.value);
      for (uint32_t c = 0; c < sweeps_[i]->size(); ++c) {
        sweeps_[i]->select(c, index_);
        auto& job = out_.jobs[first_job_[i] + c];
        name.render(sweeps_[i]->values(), index_, job.name);
        job.spec = i;
        job.cancel_on_blocking_job_failure = spec.cancel_on_blocking_job_failure;
        job.supports_termination = spec.supports_termination;
        job.priority = spec.priority ? static_cast<int32_t>(spec.priority->value) : 0;
      }
    }
  }

  /// From here on rows stay where they are until the end, as the names are views into them.
  void enter_names() {
    files_ = spec_names("file", out_.files.size());
    for (uint32_t i = 0; i < out_.files.size(); ++i)
      if (const auto first = files_.add(out_.files[i].name); first != i)
        doubled("file", out_.files[i].name, spec_.files[file_spec_[i]].name,
                spec_.files[file_spec_[first]].name);
    jobs_ = spec_names("job", out_.jobs.size());
    for (uint32_t i = 0; i < out_.jobs.size(); ++i)
      if (const auto first = jobs_.add(out_.jobs[i].name); first != i)
        doubled("job", out_.jobs[i].name, spec_.jobs[out_.jobs[i].spec].name,
                spec_.jobs[out_.jobs[first].spec].name);
    enter(data_, "user_data entry", out_.user_data, spec_.missing.user_data);
    enter(requirements_, "resource_requirements entry", out_.requirements,
          spec_.missing.requirements);
    enter(handlers_, "failure_handlers entry", out_.handlers, spec_.missing.handlers);
    schedulers_ = spec_names("slurm_schedulers entry", out_.schedulers.size());
    for (const auto& s : out_.schedulers)
      schedulers_.add(s.name ? std::string_view(*s.name) : std::string_view());
    if (spec_.missing.schedulers)
      schedulers_.incomplete();
    if (spec_.missing.files)
      files_.incomplete();
    if (spec_.missing.jobs)
      jobs_.incomplete();
    for (const auto* name : lost_files_)
      files_.lost(*name);
    for (const auto* name : lost_jobs_)
      jobs_.lost(*name);
  }

  template <class Rows>
  void enter(spec_names& names, std::string_view kind, const Rows& rows, bool unread) {
    names = spec_names(kind, rows.size());
    for (const auto& row : rows)
      names.add(row.name);
    if (unread)
      names.incomplete();
  }

  void doubled(std::string_view kind, std::string_view name, const placed_text& again,
               const placed_text& first) {
    const std::string what = std::string(kind) + ' ' + quoted(name);
    if (&again == &first)
      wrong_.add(again.at, what +
                               " is made more than once by its parameters; put every parameter "
                               "into the name, or, for one " +
                               std::string(kind) + " in all, remove the parameters");
    else
      wrong_.add(again.at, what + " is there twice, first on line " +
                               std::to_string(first.at.line) + "; rename one of them");
  }

  /// A name of which a job has at most one, such as its scheduler.
  struct reference {
    reference(const std::optional<placed_text>& name, spec_names& among, std::string_view uses,
              const sweep& s)
        : written(name ? &*name : nullptr), text(s.compile(name ? name->value : "")), names(among),
          verb(uses) {}
    const placed_text* written;
    text_template text;
    spec_names& names;
    std::string_view verb;
    std::optional<uint32_t> constant;
  };

  /// A command or script. Made once where it is the same for all instances.
  struct body {
    body(const placed_text& t, const sweep& s) : written(t), text(s.compile(t.value)) {}
    const placed_text& written;
    text_template text;
    bool made = false;
    std::string result;
    variable_uses uses;
  };

  void resolve_jobs(uint32_t i, const spec_variables& variables);
  uint32_t resolve(reference& r, const expanded_job& job, const sweep& s);
  void make(body& b, const sweep& s, const spec_variables& variables);
  void count(expanded_job& job, place at);
  void check_self(uint32_t job, spec_links& depends_on);
  void complain_about_self(const placed_text& entry, std::string_view job);
  void check_own_names();
  void resolve_actions();
  void check_overrides();

  const workflow_spec& spec_;
  complaints wrong_;
  uint64_t tests_ = 0;
  link_context context_;
  expanded_workflow out_;
  std::vector<parameter> shared_;
  bool shared_known_ = true;
  std::vector<const std::string*> lost_files_, lost_jobs_; ///< names that could not be expanded
  bool too_many_ = false;
  uint64_t links_ = 0;
  std::vector<uint32_t> file_spec_; ///< the entry of the spec each file was made from
  std::vector<std::optional<sweep>> sweeps_;
  std::vector<uint32_t> first_job_; ///< of each entry of the spec's jobs
  std::vector<bool> waits_for_itself_;
  std::vector<uint32_t> index_;
  spec_names files_{"file", 0}, jobs_{"job", 0}, data_{"user data", 0};
  spec_names requirements_{"", 0}, handlers_{"", 0}, schedulers_{"", 0};
};

void expander::make(body& b, const sweep& s, const spec_variables& variables) {
  if (b.made && b.text.constant())
    return;
  b.made = true;
  b.result.clear();
  b.uses.clear();
  b.text.render(s.values(), index_, b.result);
  variables.substitute(b.result, b.written.at, b.uses, wrong_);
}

uint32_t expander::resolve(reference& r, const expanded_job& job, const sweep& s) {
  if (!r.written)
    return no_index;
  if (r.constant)
    return *r.constant;
  std::string name;
  r.text.render(s.values(), index_, name);
  const auto described = [&] { return "job " + quoted(job.name) + ' ' + std::string(r.verb); };
  const auto index = r.names.resolve(name, r.written->at, described, wrong_);
  if (r.text.constant())
    r.constant = index;
  return index;
}

void expander::resolve_jobs(uint32_t i, const spec_variables& variables) {
  const auto& spec = spec_.jobs[i];
  const auto& s = *sweeps_[i];
  spec_links depends_on(jobs_, "depends on", spec.depends_on, spec.depends_on_regexes, s);
  spec_links reads(files_, "reads", spec.input_files, spec.input_file_regexes, s);
  spec_links writes(files_, "writes", spec.output_files, spec.output_file_regexes, s);
  spec_links data_in(data_, "reads", spec.input_user_data, spec.input_user_data_regexes, s);
  spec_links data_out(data_, "writes", spec.output_user_data, spec.output_user_data_regexes, s);
  reference requirement(spec.resource_requirements, requirements_, "needs", s);
  reference handler(spec.failure_handler, handlers_, "has the failure_handler", s);
  reference scheduler(spec.scheduler, schedulers_, "has the scheduler", s);
  body command(spec.command, s);
  const placed_text no_script;
  body script(spec.invocation_script ? *spec.invocation_script : no_script, s);
  const spec_labels labels(spec, s);
  variable_uses uses;
  const auto merge = [](std::vector<uint32_t>& all, const std::vector<uint32_t>& more) {
    all.insert(all.end(), more.begin(), more.end());
  };
  for (uint32_t c = 0; c < s.size() && !too_many_; ++c) {
    const auto number = first_job_[i] + c;
    auto& job = out_.jobs[number];
    s.select(c, index_);
    make(command, s, variables);
    job.command = command.result;
    uses = command.uses;
    if (spec.invocation_script) {
      const bool first = !script.made;
      make(script, s, variables);
      if (first || !script.text.constant())
        out_.scripts.push_back(script.result);
      job.invocation_script = static_cast<uint32_t>(out_.scripts.size() - 1);
      merge(uses.input_files, script.uses.input_files);
      merge(uses.output_files, script.uses.output_files);
      merge(uses.input_user_data, script.uses.input_user_data);
      merge(uses.output_user_data, script.uses.output_user_data);
    }
    auto& pool = out_.link_pool;
    job.depends_on = depends_on.resolve(job.name, index_, {}, out_.job_pool, context_);
    job.input_files = reads.resolve(job.name, index_, uses.input_files, pool, context_);
    job.output_files = writes.resolve(job.name, index_, uses.output_files, pool, context_);
    job.input_user_data = data_in.resolve(job.name, index_, uses.input_user_data, pool, context_);
    job.output_user_data =
        data_out.resolve(job.name, index_, uses.output_user_data, pool, context_);
    job.requirement = resolve(requirement, job, s);
    job.handler = resolve(handler, job, s);
    job.scheduler = resolve(scheduler, job, s);
    labels.resolve(s, index_, job, out_, wrong_);
    count(job, spec.name.at);
    check_self(number, depends_on);
  }
}

void expander::count(expanded_job& job, place at) {
  out_.dependencies += job.depends_on.count;
  links_ += uint64_t{job.input_files.count} + job.output_files.count + job.input_user_data.count +
            job.output_user_data.count;
  if (out_.dependencies <= max_dependencies && links_ <= max_dependencies)
    return;
  too_many_ = true;
  wrong_.add(at, "with this job the workflow has more than " + std::to_string(max_dependencies) +
                     (links_ > max_dependencies ? " files and user data in its jobs' lists"
                                                : " dependencies") +
                     "; put one job between the two groups, on which the second group depends and "
                     "which itself depends on the first");
}

void expander::check_self(uint32_t number, spec_links& depends_on) {
  const auto& job = out_.jobs[number];
  const auto list = out_.depends_on(job);
  if (!std::binary_search(list.begin(), list.end(), number))
    return;
  waits_for_itself_[number] = true;
  if (too_many_)
    return;
  if (const auto* entry = depends_on.culprit(number, index_, context_); entry)
    complain_about_self(*entry, job.name);
}

/// By the text alone: for jobs that could not be made, and for those that share their name with
/// another, so that the name leads elsewhere.
void expander::check_own_names() {
  for (uint32_t i = 0; i < spec_.jobs.size(); ++i) {
    const auto& job = spec_.jobs[i];
    const auto names_it = [&](const placed_text& e) { return e.value == job.name.value; };
    const auto found = std::find_if(job.depends_on.begin(), job.depends_on.end(), names_it);
    const bool is_told = sweeps_[i] && waits_for_itself_[first_job_[i]];
    if (found != job.depends_on.end() && !is_told)
      complain_about_self(*found, job.name.value);
  }
}

void expander::complain_about_self(const placed_text& entry, std::string_view job) {
  wrong_.add(entry.at, quoted(entry.value) + " makes job " + quoted(job) +
                           " wait for itself; remove it, or narrow it down");
}

void expander::resolve_actions() {
  for (const auto& spec : spec_.actions) {
    auto& action = out_.actions.emplace_back();
    action.trigger_type = spec.trigger_type.value;
    action.action_type = spec.action_type.value;
    for (const auto& command : spec.commands.value_or(text_list{}))
      action.commands.push_back(command.value);
    action.scheduler_type = spec.scheduler_type ? spec.scheduler_type->value : "";
    const auto named = [] { return std::string("an action names"); };
    if (spec.scheduler && action.scheduler_type == "slurm")
      action.scheduler =
          schedulers_.resolve(spec.scheduler->value, spec.scheduler->at, named, wrong_);
    action.num_allocations = spec.num_allocations.value;
    action.start_one_worker_per_node =
        spec.start_one_worker_per_node && spec.start_one_worker_per_node->value;
    if (spec.max_parallel_jobs)
      action.max_parallel_jobs = spec.max_parallel_jobs->value;
    action.persistent = spec.persistent;
    if (!spec.jobs && !spec.job_name_regexes)
      continue;
    const sweep none;
    const text_list empty;
    spec_links links(jobs_, "an action names", spec.jobs ? *spec.jobs : empty,
                     spec.job_name_regexes ? *spec.job_name_regexes : empty, none);
    std::vector<uint32_t> list;
    links.resolve({}, {}, {}, list, context_);
    if (spec.jobs.value_or(empty).empty() && spec.job_name_regexes.value_or(empty).empty())
      wrong_.add(spec.at, "this action names no job; name at least one in jobs or "
                          "job_name_regexes, or leave both away");
    action.jobs = std::move(list);
  }
}

void expander::check_overrides() {
  if (!spec_.execution_config)
    return;
  const auto named = [] { return std::string("job_stdio_overrides names"); };
  for (const auto& [job, stdio] : spec_.execution_config->job_stdio_overrides)
    jobs_.resolve(job.value, job.at, named, wrong_);
}

} // namespace

checked<expanded_workflow> expand(const workflow_spec& spec, const compile_pattern& compile,
                                  complaints known) {
  return expander(spec, compile, std::move(known)).run();
}

} // namespace torc::core
