import CLuaBridge

/// What one call of a function may use up; it is stopped when it uses more (DESIGN section 11).
package struct LuaBudget: Sendable {
  /// Time on the processor, waiting excluded; nil means no limit.
  package var processor: Duration?
  /// Time on the clock, waiting included; nil means no limit.
  package var wall: Duration?
  /// Bytes by which Lua's memory may grow while the call runs; nil means no limit but that of the engine.
  package var memory: Int?
  /// Instructions, rounded up to thousands; nil means no limit.
  ///
  /// A limit makes interpreted code about twice as slow (reference: a count hook is set all the time).
  package var instructions: Int?

  /// As much as the engine itself allows.
  package static let unlimited = LuaBudget(processor: nil, memory: nil)

  /// 5 seconds on the processor, 64 MiB.
  package init(
    processor: Duration? = .seconds(5),
    wall: Duration? = nil,
    memory: Int? = 64 << 20,
    instructions: Int? = nil
  ) {
    self.processor = processor
    self.wall = wall
    self.memory = memory
    self.instructions = instructions
  }
}

/// The budget of a run that has begun.
struct RunLimits: Sendable {
  let budget: LuaBudget
  /// When its time on the clock is over.
  let deadline: ContinuousClock.Instant?
  /// Whose run it is; nil for the operator's.
  let plugin: String?

  init(_ budget: LuaBudget, of authority: LuaAuthority?) {
    self.budget = budget
    deadline = budget.wall.map { .now + $0 }
    plugin = authority?.name
  }

  /// What a run that was stopped for this reason did; nil when the reason is not its budget.
  func message(of reason: opsh_stop_reason) -> String? {
    let call = plugin.map { "a call of plugin '\($0)'" } ?? "the call"
    switch reason {
    case OPSH_OUT_OF_PROCESSOR:
      if let instructions = budget.instructions { return "\(call) ran more than \(instructions) instructions" }
      return budget.processor.map { "\(call) used more than \(text($0)) of processor time" }
    case OPSH_PAST_DEADLINE: return budget.wall.map { "\(call) took longer than \(text($0))" }
    case OPSH_OUT_OF_MEMORY: return budget.memory.map { "\(call) needed more than \(size($0)) of memory" }
    default: return nil
    }
  }

  private func text(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    return attoseconds == 0 ? "\(seconds) s" : "\(Int(duration / .milliseconds(1))) ms"
  }

  private func size(_ bytes: Int) -> String {
    bytes >= 1 << 20 && bytes % (1 << 20) == 0 ? "\(bytes >> 20) MiB" : "\(bytes) bytes"
  }
}
