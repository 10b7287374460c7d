import Fleet
import PrimitiveKit
import Runbooks

/// Gives runbooks the rollout engine of the fleet.
struct FleetRollouts: RolloutRunner {
  let clock: any Clock<Duration>
  let dialogue: any Dialogue
  let interruptions: Interruptions

  func roll(
    _ request: RolloutRequest,
    perform: @escaping @Sendable (String) async -> ItemEnd,
    gate: (@Sendable ([String]) async -> GateEnd)?
  ) async -> RolloutEnd {
    guard !request.items.isEmpty else { return RolloutEnd(items: [], halt: nil) }
    let rollout: ItemRollout
    do throws(CallFailure) {
      rollout = try ItemRollout(
        request.name,
        items: request.items,
        window: request.window,
        budget: request.budget,
        ramp: request.ramp,
        gateEvery: gate == nil ? nil : request.gateEvery ?? max(1, request.items.count / 10),
        jitter: request.jitter,
        seed: request.seed
      )
    } catch {
      return RolloutEnd(items: [], halt: error)
    }
    let driver = RolloutDriver()
    // Ctrl-C: nothing new begins; again: what is in flight is let go of.
    let listening = interruptions.listen { _ in driver.cancel() }
    let look: (@Sendable ([String]) async -> GateVerdict)?
    if let gate { look = { done in GateVerdict(await gate(done)) } } else { look = nil }
    let dialogue = dialogue
    let shown = Later<String>()
    // A plan is no progress.
    let isShown = !CallContext.current.isQuiet
    let report = await rollout.run(
      clock: clock,
      driver: driver,
      perform: { item in HostOutcome(await perform(item)) },
      gate: look,
      events: { progress in
        guard isShown else { return }
        let line = progress.line
        let status = ProgressStatus(
          line: "\(request.name): \(line.text(width: dialogue.columns - request.name.count - 3))",
          plain: "\(request.name): \(line.text(width: 160))"
        )
        // A log needs no line twice.
        guard shown.value != status.plain else { return }
        shown.set(status.plain)
        dialogue.progress(status)
      }
    )
    withExtendedLifetime(listening) {}
    dialogue.progress(nil)
    return RolloutEnd(report)
  }

  func words(_ request: RolloutRequest) -> String {
    "\(request.items.count) items, \(request.window.map(String.init) ?? "all") at once, \(request.budget) may fail"
  }
}

extension HostOutcome {
  fileprivate init(_ end: ItemEnd) {
    switch end {
    case .ok: self = .ok
    case .failed(let why): self = .failed(why)
    case .unreachable(let why): self = .unreachable(why)
    case .unknown(let why): self = .unknown(why)
    }
  }
}

extension GateVerdict {
  fileprivate init(_ end: GateEnd) {
    switch end {
    case .pass: self = .pass
    case .fail(let why): self = .fail(why)
    case .inconclusive(let why): self = .inconclusive(why)
    }
  }
}

extension RolloutEnd {
  fileprivate init(_ report: RolloutReport) {
    let items = report.results.map { Item(name: $0.host, outcome: $0.outcomeClass.rawValue, detail: $0.detail) }
    guard let halt = report.halt else {
      self.init(items: items, halt: nil)
      return
    }
    let failure =
      switch halt {
      case .budget(.unreachable, _, _, _):
        CallFailure(.unavailable, code: "rollout.unreachable", message: halt.text)
      case .budget(.unknown, _, _, _): CallFailure(.unknownOutcome, code: "rollout.unknown", message: halt.text)
      case .budget, .gate:
        CallFailure(.failed, .halted, code: "rollout.halted", message: halt.text, ending: .budgetBreached)
      default:
        CallFailure(.cancelled, .interrupted, code: "rollout.interrupted", message: halt.text, ending: .interrupted)
      }
    self.init(items: items, halt: failure)
  }
}
