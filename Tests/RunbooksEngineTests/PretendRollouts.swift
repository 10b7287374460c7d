import PrimitiveKit
import Runbooks
import Synchronization

/// Rolls out in the order of the items, a window at a time; stops when more failed than the budget allows.
final class PretendRollouts: RolloutRunner {
  private let seen = Mutex<[RolloutRequest]>([])

  /// What was asked for, in order.
  var requests: [RolloutRequest] { seen.withLock { $0 } }

  func roll(
    _ request: RolloutRequest,
    perform: @escaping @Sendable (String) async -> ItemEnd,
    gate: (@Sendable ([String]) async -> GateEnd)?
  ) async -> RolloutEnd {
    seen.withLock { $0.append(request) }
    var ends: [RolloutEnd.Item] = []
    var halt: CallFailure?
    var left = request.items[...]
    while !left.isEmpty, halt == nil {
      let wave = Array(left.prefix(request.window ?? left.count))
      left = left.dropFirst(wave.count)
      ends += await together(wave, perform)
      let bad = ends.count { $0.outcome != "ok" }
      if bad > request.budget { halt = halted("\(bad) of \(request.items.count) failed") }
      guard halt == nil, let gate else { continue }
      switch await gate(ends.filter { $0.outcome == "ok" }.map(\.name)) {
      case .pass: break
      case .fail(let why): halt = halted("the gate failed: \(why)")
      case .inconclusive(let why): halt = halted("the gate cannot say: \(why)")
      }
    }
    return RolloutEnd(
      items: ends + left.map { RolloutEnd.Item(name: $0, outcome: "skipped", detail: "") },
      halt: halt
    )
  }

  private func halted(_ why: String) -> CallFailure {
    CallFailure(.failed, .halted, code: "rollout.halted", message: why, ending: .budgetBreached)
  }

  private func together(_ wave: [String], _ perform: @escaping @Sendable (String) async -> ItemEnd) async
    -> [RolloutEnd.Item]
  {
    let ends = await withTaskGroup(of: (String, ItemEnd).self) { group in
      for item in wave { group.addTask { (item, await perform(item)) } }
      var ends: [String: ItemEnd] = [:]
      for await (item, end) in group { ends[item] = end }
      return ends
    }
    return wave.map { name in
      switch ends[name] {
      case .ok?, nil: RolloutEnd.Item(name: name, outcome: "ok", detail: "")
      case .failed(let why)?: RolloutEnd.Item(name: name, outcome: "failed", detail: why)
      case .unreachable(let why)?: RolloutEnd.Item(name: name, outcome: "unreachable", detail: why)
      case .unknown(let why)?: RolloutEnd.Item(name: name, outcome: "unknown", detail: why)
      }
    }
  }

  func words(_ request: RolloutRequest) -> String { "\(request.items.count) items" }
}
