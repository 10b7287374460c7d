import Foundations
import Journal
import PrimitiveKit
import Runs

extension Job {
  /// Polls until a probe says yes and keeps saying so for the settle time; never a bare sleep.
  ///
  /// Throws `job.deadline` with what the probe said last.
  nonisolated func wait(
    for what: String,
    deadline: Duration,
    settle: Duration,
    every: Duration,
    probe: Int,
    options: StepOptions,
    name: String,
    in scope: RunScope
  ) async throws(CallFailure) -> Value {
    let path = try scope.path(of: name)
    try await begin(path, "wait for \(what)", detail: "up to \(deadline.words)")
    // What is waited for comes from changes that a dry run does not make.
    if mode == .dry {
      await hashed(path, options)
      return .bool(true)
    }
    return try await perform(path, options) { attempt throws(CallFailure) in
      try await self.look(what, deadline: deadline, settle: settle, every: every, probe: probe, at: attempt, in: scope)
    }
  }

  private nonisolated func look(
    _ what: String,
    deadline: Duration,
    settle: Duration,
    every: Duration,
    probe: Int,
    at path: String,
    in scope: RunScope
  ) async throws(CallFailure) -> Value {
    let elapsed = run.world.clock.stopwatch()
    // It is looked at as often as it takes, so it must change nothing.
    var context = scope.context
    context.allowed = [.reads]
    context.isDeclared = false
    context.name = "the probe of '\(what)'"
    let looking = RunScope(job: self, context: context)
    var goodSince: Duration?
    var last = "nothing"
    defer { questions.dialogue.progress(nil) }
    while true {
      try await checkInterrupted()
      let held = goodSince.map { ", holding for \((elapsed() - $0).words) of \(settle.words)" } ?? ""
      let state = "waiting for \(what): \(elapsed().words) of at most \(deadline.words)\(held)"
      questions.dialogue.progress(ProgressStatus(line: state, plain: state))
      let answer = await CallFailure.result { () async throws(CallFailure) in
        try await self.call(probe, [], at: path, in: looking, withJob: false, isQuiet: true, isLook: true)
      }
      let now = elapsed()
      switch answer {
      case .success(let value):
        last = value.literal
        if value == .null || value == .bool(false) {
          goodSince = nil
        } else {
          let since = goodSince ?? now
          goodSince = since
          if now - since >= settle { return value }
        }
      case .failure(let failure):
        if failure.leavesStepOpen { throw failure }
        goodSince = nil
        last = failure.message
      }
      guard now < deadline else {
        throw CallFailure(
          .failed,
          code: "job.deadline",
          message: "\(what): not reached within \(deadline.words); the last check returned \(last.prefix(200))",
          ending: .budgetBreached
        )
      }
      try await pause(every)
    }
  }

  /// Asks for a word that must be typed exactly; what was typed is recorded.
  ///
  /// Throws `run.declined` for another word: the run stops there, and whoever resumes it is asked again.
  nonisolated func confirm(_ text: String, expecting answer: String, in scope: RunScope) async throws(CallFailure) {
    let path = try scope.path(of: "confirm \(SHA256(hashing: text.utf8).hex.prefix(8))")
    try await begin(path, "confirm: \(text)", detail: "type \(answer)")
    guard mode == .live else { return }
    let typed = try await questions.confirm(run: run.id, id: path, Confirmation(text, word: answer))
    guard typed == answer else {
      throw CallFailure(
        .cancelled,
        code: "run.declined",
        message: "run \(run.id) stops here: not confirmed: expected \(answer), got "
          + "\(typed.isEmpty ? "nothing" : Value.string(typed).literal)",
        hint: "resume(\"\(run.id)\") asks again; rollback(\"\(run.id)\") undoes it",
        ending: .interrupted
      )
    }
  }

  /// The step that returns what a hold took.
  static func release(of path: String) -> String { "\(path) (released)" }

  /// Returns what a hold took; then nothing is left to undo there.
  ///
  /// `problem` is what ends the block around it. A run that stops keeps what it holds: whoever resumes it takes it over.
  nonisolated func release(_ name: String, body: Int, problem: CallFailure?, in scope: RunScope)
    async throws(CallFailure)
  {
    if let problem, problem.leavesStepOpen, mode != .collecting { return }
    let held = try scope.path(of: name)
    let path = Job.release(of: held)
    if mode == .collecting {
      if case .ok? = await row(path)?.end { await unregister(held) }
      return
    }
    try await begin(path, "give back \(name)")
    let options = try StepOptions(.table([:]), of: path)
    _ = try await perform(path, options, isRelease: true) { attempt throws(CallFailure) in
      try await self.call(body, [], at: attempt, in: scope, withJob: false)
    }
    await unregister(held)
    // Whoever resumes the run after this problem takes it again first.
    if let problem { await note(hold: [held, path], given: problem) }
  }
}
