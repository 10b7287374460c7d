import PrimitiveKit
import Rollout
import Synchronization

/// Rolls out in the order of the items, a window at a time; stops when more failed than the budget allows.
final class PretendRollouts: RolloutRunner {
  private let seen = Mutex<[RolloutRequest]>([])

  /// What was asked for, in order.
  var requests: [RolloutRequest] { seen.withLock { $0 } }

  func roll(
    _ request: RolloutRequest,
    perform: @escaping @Sendable (String) async throws(NotBegun) -> ItemOutcome,
    gate: (@Sendable ([String]) async -> GateVerdict)?
  ) async throws(CallFailure) -> RolloutReport {
    seen.withLock { $0.append(request) }
    var ends: [ItemResult] = []
    var halt: HaltReason?
    var left = request.items[...]
    while !left.isEmpty, halt == nil {
      let wave = Array(left.prefix(request.window ?? left.count))
      left = left.dropFirst(wave.count)
      let (ended, stop) = await together(wave, perform)
      ends += ended
      if let stop {
        halt = stop.isWanted ? .cancelled : .stopped(stop.reason)
        break
      }
      let silent = request.unreachable == nil ? 0 : ends.count { $0.outcomeClass == .unreachable }
      let bad = ends.count { $0.outcomeClass != .ok && $0.outcomeClass != .excluded } - silent
      if bad > request.budget {
        halt = .budget(.errors, spent: bad, allowed: request.budget, full: request.budget)
      } else if let allowed = request.unreachable, silent > allowed {
        halt = .budget(.unreachable, spent: silent, allowed: allowed, full: allowed)
      }
      guard halt == nil, let gate else { continue }
      switch await gate(ends.filter { $0.outcomeClass == .ok }.map(\.item)) {
      case .pass: break
      case .fail(let why): halt = .gate(why)
      case .inconclusive(let why): halt = .inconclusive(why)
      }
    }
    return RolloutReport(
      policy: request.policy(hasGate: gate != nil),
      seed: request.seed,
      results: ends + left.map { ItemResult(item: $0, outcomeClass: .skipped, detail: "") },
      halt: halt
    )
  }

  /// How the items of a wave ended, and why no other may begin.
  private func together(
    _ wave: [String],
    _ perform: @escaping @Sendable (String) async throws(NotBegun) -> ItemOutcome
  ) async -> ([ItemResult], NotBegun?) {
    let ends = await withTaskGroup(of: (String, Result<ItemOutcome, NotBegun>).self) { group in
      for item in wave {
        group.addTask {
          do throws(NotBegun) {
            return (item, .success(try await perform(item)))
          } catch {
            return (item, .failure(error))
          }
        }
      }
      return await group.reduce(into: [String: Result<ItemOutcome, NotBegun>]()) { $0[$1.0] = $1.1 }
    }
    var stop: NotBegun?
    let results = wave.map { item -> ItemResult in
      switch ends[item] {
      case .success(let outcome)?: return ItemResult(item: item, outcome: outcome, late: false)
      case .failure(let why)?:
        stop = stop ?? why
        return ItemResult(item: item, outcomeClass: .skipped, detail: "")
      case nil: return ItemResult(item: item, outcomeClass: .skipped, detail: "")
      }
    }
    return (results, stop)
  }
}
