import Foundation
import Foundations
import PrimitiveKit
import Synchronization

/// The clocks of a session, as a call sees them: in a run what they said first is what they say again.
struct RunClock: Sendable {
  private let surroundings: Surroundings
  private let elapsed: @Sendable () -> Duration
  /// How far the clock of a resumed run is ahead of this process, in seconds; by run.
  private let ahead = Ahead()

  init(_ surroundings: Surroundings) {
    self.surroundings = surroundings
    elapsed = surroundings.world.clock.stopwatch()
  }

  /// Seconds since 1970, to the millisecond.
  func now() async throws(CallFailure) -> Double {
    let context = CallContext.current
    let read: (World) -> Double = { ($0.now().timeIntervalSince1970 * 1000).rounded(.down) / 1000 }
    guard let run = context.run else { return read(surroundings.world) }
    return try await run.clock("now", planned: context.moment.map(Double.init), read)
  }

  /// Seconds since the process began; of a resumed run since its first process.
  func monotonic() async throws(CallFailure) -> Double {
    let context = CallContext.current
    guard let run = context.run else { return seconds }
    let present = seconds + ahead.of(run.id)
    let answer = try await run.clock("monotonic", planned: context.moment.map { _ in 0.0 }) { _ in present }
    if answer > present { ahead.set(answer - seconds, of: run.id) }
    return answer
  }

  /// Seconds that this process has measured.
  var seconds: Double { elapsed().seconds }

  var dialogue: any Dialogue { surroundings.dialogue }

  /// Whether a call only plans.
  var isDry: Bool { surroundings.admission.isDry(false) || CallContext.current.run?.world.mode == .dry }

  /// Waits, once in a run however often it is resumed; throws `call.cancelled` and why the run stops.
  func sleep(_ duration: Duration) async throws(CallFailure) {
    let run = CallContext.current.run
    if isDry {
      await run?.expect(seconds: duration.seconds)
      return
    }
    guard let run else { return try await pause(duration) }
    let count = await run.ordinal(of: "sleep")
    _ = try await run.recorded("sleep~\(count)") { () async throws(CallFailure) in
      try await pause(duration)
      return true
    }
  }

  /// Waits; a run that is asked to stop is looked at every second.
  func pause(_ duration: Duration) async throws(CallFailure) {
    let run = CallContext.current.run
    var left = duration
    while left > .zero {
      if let stopped = await run?.stopped { throw stopped }
      let piece = run == nil ? left : min(left, .seconds(1))
      do {
        try await surroundings.world.clock.sleep(for: piece)
      } catch {
        throw .cancelled
      }
      left -= piece
    }
    if let stopped = await run?.stopped { throw stopped }
  }
}

/// How far clocks are ahead, by run.
private final class Ahead: Sendable {
  private let seconds = Mutex<[String: Double]>([:])

  func of(_ run: String) -> Double { seconds.withLock { $0[run] ?? 0 } }
  func set(_ ahead: Double, of run: String) { seconds.withLock { $0[run] = ahead } }
}
