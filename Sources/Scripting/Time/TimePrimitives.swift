import Foundations
package import PrimitiveKit

/// `time.*` and `sleep`: clocks of the world, texts of time, and waiting.
package struct TimePrimitives: Sendable {
  private let clock: RunClock

  package init(_ surroundings: Surroundings) { clock = RunClock(surroundings) }

  package var all: [Primitive] {
    [now, monotonic, TimePrimitives.parse, TimePrimitives.format, TimePrimitives.duration, TimePrimitives.short, sleep]
      + WaitPrimitives(clock).all
  }

  private var now: Primitive {
    Primitive(
      "time.now",
      "Returns the time in seconds since 1970, to the millisecond; the same again when a run is resumed.",
      effect: .reads,
      returns: "Seconds since 1970, UTC",
      examples: [Example("time.format(time.now())", "the time as ISO 8601")],
      topics: ["clock", "date", "today"]
    ) { () async throws(CallFailure) in try await self.clock.now() }
  }

  private var monotonic: Primitive {
    Primitive(
      "time.monotonic",
      "Returns seconds of a clock that nobody sets, to measure how long something takes.",
      effect: .reads,
      returns: "Seconds since opsh started; it never goes back, also in a resumed run",
      examples: [
        Example("local start = time.monotonic() sleep(0.01) print(time.monotonic() - start)", "how long it took")
      ],
      topics: ["clock", "measure", "stopwatch", "elapsed"]
    ) { () async throws(CallFailure) in try await self.clock.monotonic() }
  }

  private var sleep: Primitive {
    Primitive(
      "sleep",
      "Waits; Ctrl-C ends it. A dry run does not wait, a resumed run does not wait again.",
      effect: .reads,
      Parameter<Duration>("duration", "How long: seconds, or text such as \"250ms\", \"1m30s\""),
      returns: "nothing",
      examples: [Example(#"sleep "10ms""#, "a short pause")],
      topics: ["pause", "delay", "wait"]
    ) { duration async throws(CallFailure) -> Value in
      try await self.clock.sleep(duration)
      return .null
    }
  }

  private static var parse: Primitive {
    Primitive(
      immediate: "time.parse",
      "Reads a point in time in ISO 8601, with its zone.",
      Parameter<String>("text", "Such as \"2026-11-21T03:14:07Z\" or \"2026-11-21 03:14:07.250+01:00\""),
      returns: "Seconds since 1970; whole ones as an integer",
      examples: [Example(#"time.parse "2026-11-21T03:14:07Z""#, "1795230847")],
      topics: ["iso", "8601", "date", "rfc3339"]
    ) { text throws(CallFailure) -> Value in
      do throws(Timestamp.Problem) {
        let microseconds = try Timestamp(parsing: text).microseconds
        let (seconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return rest == 0 ? .int(Int(seconds)) : .number(Double(microseconds) / 1e6)
      } catch {
        throw CallFailure(
          .invalid,
          code: "time.invalid",
          message: "time.parse: \(Value.string(text).literal) \(error.what)",
          hint: error.hint
        )
      }
    }
  }

  private static var format: Primitive {
    Primitive(
      immediate: "time.format",
      "Writes a point in time as ISO 8601.",
      Parameter<Double>("seconds", "Seconds since 1970, for example `time.now()`"),
      Parameter<String>(
        "zone",
        default: "UTC",
        "\"UTC\", \"local\" for this machine's, or an offset such as \"+01:00\""
      ),
      Parameter<Int>("digits", default: 0, "Digits of the second behind the point, 0 to 6"),
      returns: "The text, for example 2026-11-21T03:14:07Z",
      examples: [
        Example(#"time.format(1795230847)"#, "2026-11-21T03:14:07Z"),
        Example(#"time.format<seconds=1795230847.25, zone="+01:00", digits=3>"#, "2026-11-21T04:14:07.250+01:00"),
      ],
      topics: ["iso", "8601", "date", "rfc3339", "print"]
    ) { seconds, zone, digits throws(CallFailure) in
      guard let moment = Timestamp(seconds: seconds) else {
        throw invalid("time.format: \(Value.number(seconds).literal) is outside of the years 0 to 9999")
      }
      guard (0...6).contains(digits) else { throw invalid("time.format: 'digits' should be 0 to 6, got \(digits)") }
      let offset: Int
      switch zone {
      case "UTC": offset = 0
      case "local": offset = TimeOffset.here(at: moment.microseconds / 1000).seconds
      default:
        guard let east = Timestamp.offset(zone) else {
          throw invalid(
            "time.format: \(Value.string(zone).literal) is no time zone",
            hint: "use \"UTC\", \"local\", or an offset such as \"+01:00\""
          )
        }
        offset = east
      }
      return moment.text(offset: offset, digits: digits)
    }
  }

  private static var duration: Primitive {
    Primitive(
      immediate: "time.duration",
      "Reads a length of time.",
      Parameter<Duration>("text", "Such as \"90s\", \"1m30s\", \"2h\", \"7d\", or a number of seconds"),
      returns: "Seconds; whole ones as an integer",
      examples: [Example(#"time.duration "1m30s""#, "90")],
      topics: ["seconds", "minutes", "hours", "length"]
    ) { duration throws(CallFailure) -> Value in
      let seconds = duration.seconds
      return Int(exactly: seconds).map(Value.int) ?? .number(seconds)
    }
  }

  private static var short: Primitive {
    Primitive(
      immediate: "time.short",
      "Writes a length of time in its two largest units.",
      Parameter<Duration>("seconds", "How many seconds"),
      returns: "The text, for example 12m40s; `time.duration` reads it again",
      examples: [Example("time.short(760)", "12m40s")],
      topics: ["duration", "length", "print"]
    ) { duration throws(CallFailure) in duration.brief }
  }

  private static func invalid(_ message: String, hint: String? = nil) -> CallFailure {
    CallFailure(.invalid, code: "time.invalid", message: message, hint: hint)
  }
}
