import PrimitiveKit
import Rollout

/// The options of `job:each`, as the runbook gave them.
struct EachOptions: Sendable {
  let step: StepOptions
  let gate: Int?
  private let data: Value

  /// Throws `runbook.argument` naming the option.
  init(_ value: Value, of name: String) throws(CallFailure) {
    step = try StepOptions(value, of: name)
    data = value
    if case .int(let number) = value["gate"] { gate = number } else { gate = nil }
  }

  /// The rollout of these items in an order that follows from the run's seed; numbers out of range are errors.
  func request(_ name: String, _ items: [String], seed: UInt64) throws(CallFailure) -> RolloutRequest {
    let total = items.count
    let drawn = UInt64(SHA256(hashing: "\(seed)/\(name)".utf8).hex.prefix(16), radix: 16) ?? seed
    return RolloutRequest(
      name: name,
      items: items,
      window: try count("window", name, of: total, least: 1) ?? 5,
      budget: try count("budget", name, of: total, least: 0) ?? total / 10,
      ramp: try flag("ramp", name) ?? true,
      gateEvery: try count("gate_every", name, of: total, least: 1),
      jitter: try count("jitter", name, of: total, least: 0) ?? 0,
      seed: drawn
    )
  }

  /// A number, or a share of the items such as `"10%"`, rounded down (DESIGN section 7).
  private func count(_ option: String, _ name: String, of total: Int, least: Int) throws(CallFailure) -> Int? {
    switch data[option] {
    case .null: return nil
    case .int(let count) where count >= least: return count
    case .string(let text) where text.hasSuffix("%"):
      if let percent = Double(text.dropLast()), percent >= 0, percent <= 100 {
        return max(least, Int((percent * Double(total) / 100).rounded(.down)))
      }
    default: break
    }
    throw StepOptions.wrong(option, of: name, "a number of at least \(least), or a share such as \"10%\"", data[option])
  }

  private func flag(_ option: String, _ name: String) throws(CallFailure) -> Bool? {
    switch data[option] {
    case .null: return nil
    case .bool(let flag): return flag
    default: throw StepOptions.wrong(option, of: name, "true or false", data[option])
    }
  }
}
