import Foundation
import Foundations
import PrimitiveKit

extension CheckPrimitives {
  var watch: Primitive {
    Primitive(
      "check.watch",
      "Measures checks again and again and shows them on one screen, the worst first, until Ctrl-C.",
      effect: .reads,
      Parameter<CheckNames>(
        "names",
        default: CheckNames(patterns: ["*"]),
        "Names of checks, or patterns such as `host.*`"
      ),
      Parameter<Duration>("every", default: .seconds(10), "Time between two looks"),
      Parameter<Int?>("times", default: nil, "Number of looks; without it until Ctrl-C"),
      returns: "The findings of the last look, the worst first",
      examples: [
        Example(#"check.watch{ names = "host.clock", every = "1s", times = 2 }"#, "two looks at the clocks")
      ],
      topics: ["monitor", "dashboard", "screen", "top"]
    ) { names, every, times async throws(CallFailure) in
      guard every >= .seconds(1), times.map({ $0 > 0 }) ?? true else {
        throw CallFailure(
          .invalid,
          code: "call.argument",
          message: "check.watch: `every` must be at least 1 s and `times` more than 0",
          hint: "for example: check.watch{ names = \"host.*\", every = \"10s\" }"
        )
      }
      let checks = try self.surroundings.checkList.selected(by: names.patterns)
      let look = { @Sendable () async throws(CallFailure) -> [Finding] in
        try await CheckRunner(self.surroundings).findings(of: checks)
      }
      return try await Watch(surroundings: self.surroundings, look: look, every: every).run(times: times)
    }
  }
}

/// Looks at checks again and again.
struct Watch: Sendable {
  let surroundings: Surroundings
  /// Measures the checks.
  let look: @Sendable () async throws(CallFailure) -> [Finding]
  let every: Duration

  /// Answers what the last look found; throws `call.cancelled` on Ctrl-C.
  func run(times: Int?) async throws(CallFailure) -> [Finding] {
    var screen = WatchScreen()
    var looks = 0
    while true {
      screen.take(try await look())
      show(screen)
      looks += 1
      if let times, looks >= times { break }
      do {
        try await surroundings.world.clock.sleep(for: every)
      } catch {
        throw .cancelled
      }
    }
    surroundings.dialogue.shown(screen.findings.value)
    return screen.findings
  }

  private func show(_ screen: WatchScreen) {
    let dialogue = surroundings.dialogue
    let time = Instant.words(Int64(surroundings.world.now().timeIntervalSince1970 * 1000))
    dialogue.screen(screen.lines(at: time, every: every, columns: dialogue.columns, rows: dialogue.rows))
    dialogue.event(SessionEvent("check.findings", ["findings": screen.findings.value]))
  }
}
