import PrimitiveKit
import Runs

/// What a look found at everything that a rollback is about to change: nobody confirms what was not looked at.
struct UndoSurvey: Sendable {
  struct Finding: Sendable {
    let target: OperationTarget
    let why: String
  }

  /// What did not answer: left out, named, and charged to no budget.
  private(set) var silent: [Finding] = []
  /// What somebody's stop mark keeps as it is.
  private(set) var withheld: [Finding] = []
  /// What is as it was before already.
  private(set) var back: [OperationTarget] = []

  /// Nothing was looked at.
  init() {}

  /// Looks at each thing once, through what undoes the last change of it; nothing is changed.
  ///
  /// Throws when the look is given up.
  init(_ plan: RollbackPlan, in setting: RunSetting) async throws(CallFailure) {
    var seen: Set<String> = []
    let first = plan.inverses.filter { seen.insert($0.subject).inserted }
    guard !first.isEmpty else { return }
    let words = "checking \(first.map(\.stored.target).folded)"
    setting.dialogue.progress(ProgressStatus(line: "\(words)…", plain: words))
    defer { setting.dialogue.progress(nil) }
    let world = setting.world.dry
    let looks = await first.concurrentMap(limit: 32) { inverse in
      guard let operation = inverse.operation else { return (inverse.stored.target, Look.ready) }
      return (inverse.stored.target, await UndoSurvey.look(at: operation, in: world))
    }
    if Task.isCancelled { throw .cancelled }
    for (target, look) in looks {
      switch look {
      case .ready: continue
      case .back: back.append(target)
      case .silent(let why): silent.append(Finding(target: target, why: why))
      case .withheld(let why): withheld.append(Finding(target: target, why: why))
      }
    }
  }

  private enum Look: Sendable {
    case ready, back
    case silent(String)
    case withheld(String)
  }

  private static func look<Change: Operation>(at change: Change, in world: World) async -> Look {
    do throws(CallFailure) {
      guard case .exact(let outcome) = try await change.predict(in: world) else { return .ready }
      if change.leftAsFound(by: outcome) { return .back }
      if let failure = change.shortfall(in: outcome), failure.mark == .withheld { return .withheld(failure.message) }
      return .ready
    } catch {
      // What else is wrong the change itself meets, and says.
      return error.failureClass == .unavailable ? .silent(error.message) : .ready
    }
  }
}
