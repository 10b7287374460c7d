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
    let changes = RollbackPlan.bySubject(plan.inverses).compactMap { _, inverses in
      inverses.first.map { last in inverses.filter { $0.of.key == last.of.key } }
    }
    guard !changes.isEmpty else { return }
    let words = "checking \(changes.flatMap { $0 }.map(\.stored.target).folded)"
    setting.dialogue.progress(ProgressStatus(line: "\(words)…", plain: words))
    defer { setting.dialogue.progress(nil) }
    let world = setting.world.dry
    let looks = await changes.concurrentMap(limit: 32) { inverses in
      var looks: [(target: OperationTarget, look: Look)] = []
      for inverse in inverses {
        let look = if let known = inverse.operation { await UndoSurvey.look(at: known, in: world) } else { Look.ready }
        looks.append((inverse.stored.target, look))
      }
      // Where several operations undo one change, it is back when all of them find it so.
      return looks.first { $0.look != .back } ?? looks[0]
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

  private enum Look: Sendable, Equatable {
    case ready, back
    case silent(String)
    case withheld(String)
  }

  private static func look<Change: Operation>(at change: Change, in world: World) async -> Look {
    do throws(CallFailure) {
      guard case .exact(let outcome) = try await change.predict(in: world) else { return .ready }
      if let failure = change.shortfall(in: outcome), failure.mark == .withheld { return .withheld(failure.message) }
      if change.leftAsFound(by: outcome) { return .back }
      return .ready
    } catch {
      // What else is wrong the change itself meets, and says.
      return error.failureClass == .unavailable ? .silent(error.message) : .ready
    }
  }
}
