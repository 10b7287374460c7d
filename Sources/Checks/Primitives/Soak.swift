import Foundation
import Foundations
import PrimitiveKit

/// Measures checks again and again before something counts as good: a short smoke test, then samples far apart (R0-42).
///
/// In a run each sample that passed is recorded, so that a resumed run continues with the next one.
struct Soak: Sendable {
  /// How often the smoke test looks.
  static let smokePace = Duration.seconds(30)

  let surroundings: Surroundings
  /// Measures the checks.
  let look: @Sendable () async throws(CallFailure) -> [Finding]
  let every: Duration
  let times: Int
  let smoke: Duration
  /// Findings of the first moments count for nothing.
  let grace: Duration
  let warn: Bool

  /// A sample that passed.
  private struct Sample: Codable, Sendable {
    /// Seconds since 1970.
    let at: Double
    let findings: [Finding]
  }

  /// The findings of the last sample; throws `gate.closed` with the number of the sample that did not pass.
  func run() async throws(CallFailure) -> [Finding] {
    defer { surroundings.dialogue.progress(nil) }
    var last = try await smokeTest()
    for number in 1...times {
      last = try await sample("sample \(number) of \(times)", after: last, wait: number == 1 ? .zero : every)
    }
    surroundings.dialogue.say("soak: \(times) of \(times) samples passed; \((last?.findings ?? []).summary)")
    return last?.findings ?? []
  }

  /// How long it takes when all pass.
  var length: Duration { smoke + every * (times - 1) }

  private func smokeTest() async throws(CallFailure) -> Sample? {
    guard smoke > .zero else { return nil }
    var last: Sample?
    var passed = min(grace, smoke)
    var wait = passed
    repeat {
      last = try await sample("smoke test", after: last, wait: wait)
      wait = min(Soak.smokePace, smoke - passed)
      passed += wait
    } while wait > .zero
    return last
  }

  private func sample(_ what: String, after last: Sample?, wait: Duration) async throws(CallFailure) -> Sample {
    guard let run = CallContext.current.run else { return try await measure(what, after: last, wait: wait) }
    // Only what passed is kept: a resumed run looks again at what did not.
    let key = "soak \(await run.ordinal(of: "soak"))"
    return try await run.recorded(key) { () throws(CallFailure) in try await measure(what, after: last, wait: wait) }
  }

  private func measure(_ what: String, after last: Sample?, wait: Duration) async throws(CallFailure) -> Sample {
    try await pause(what, wait, since: last?.at)
    let findings = try await look()
    do throws(CallFailure) {
      try findings.requirePassing(warn: warn)
    } catch {
      var failure = error
      failure.message = "\(what) did not pass: \(error.message)"
      throw failure
    }
    return Sample(at: surroundings.world.now().timeIntervalSince1970, findings: findings)
  }

  /// Waits for what is left since the last sample: a resumed run does not wait again for what has passed.
  private func pause(_ what: String, _ wait: Duration, since last: Double?) async throws(CallFailure) {
    let gone = last.map { max(0, surroundings.world.now().timeIntervalSince1970 - $0) } ?? 0
    let rest = wait - .seconds(min(gone, wait.seconds))
    guard rest > .zero else { return }
    let line = "soak: \(what) in \(rest.words)"
    surroundings.dialogue.progress(ProgressStatus(line: line, plain: line))
    do {
      try await surroundings.world.clock.sleep(for: rest)
    } catch {
      throw .cancelled
    }
  }
}

extension CheckPrimitives {
  var soak: Primitive {
    Primitive(
      "check.soak",
      "Measures checks several times, far apart, and raises unless they pass each time; a resumed run continues.",
      effect: .reads,
      Parameter<CheckNames>("names", "Names of checks, or patterns such as `host.*`"),
      Parameter<Duration>("every", default: .seconds(600), "Time between two samples"),
      Parameter<Int>("times", default: 4, "Number of samples"),
      Parameter<Duration>("smoke", default: .zero, "Length of a smoke test before, which looks every 30 s"),
      Parameter<Duration>("grace", default: .seconds(30), "How long the smoke test waits at its start"),
      Parameter<Bool>("warn", default: false, "Whether WARN passes too"),
      returns: "The findings of the last sample",
      examples: [
        Example(#"check.soak{ names = "host.clock", every = "1s", times = 2 }"#, "two looks within a second"),
        Example(
          #"check.soak{ names = "host.clock", smoke = "2s", grace = "1s", every = "1s", times = 2 }"#,
          "a smoke test before"
        ),
      ],
      topics: ["wait", "stable", "acceptance", "gate"]
    ) { names, every, times, smoke, grace, warn async throws(CallFailure) in
      guard (1...1000).contains(times), every >= .seconds(1) else {
        throw CallFailure(
          .invalid,
          code: "call.argument",
          message: "check.soak: `times` must be from 1 to 1000 and `every` at least 1 s",
          hint: "for example: check.soak{ names = \"host.*\", every = \"10m\", times = 4 }"
        )
      }
      let checks = try self.surroundings.checkList.selected(by: names.patterns)
      let soak = Soak(
        surroundings: self.surroundings,
        look: { () throws(CallFailure) in try await CheckRunner(self.surroundings).findings(of: checks) },
        every: every,
        times: times,
        smoke: smoke,
        grace: grace,
        warn: warn
      )
      if let run = CallContext.current.run, run.world.mode == .dry {
        await run.describe(
          "soak of \(names.patterns.joined(separator: ", ")): \(times) samples in \(soak.length.words)"
        )
        await run.expect(seconds: soak.length.seconds)
        return SoakAnswer(
          value: .unknown(Unknown(why: "a soak finds only with time what it finds", origin: "check.soak"))
        )
      }
      return SoakAnswer(value: try await soak.run().value)
    }
  }
}

/// Findings, or what a plan cannot know of them.
private struct SoakAnswer: Answered {
  let value: Value

  static let luaType = [Finding].luaType
  static let fields = [Finding].fields
}
