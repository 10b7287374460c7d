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
  /// What nothing can bring back as things are: left out, named, and charged to no budget.
  private(set) var barred: [Finding] = []
  /// What somebody changed since: undoing it takes that back, too.
  private(set) var later: [Finding] = []
  /// What is as it was before already.
  private(set) var back: [OperationTarget] = []

  /// What the rollback does not touch, because it did not answer or cannot be brought back.
  var leftOut: [Finding] { silent + barred }

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
        var look = Look.ready(nil)
        if let known = inverse.operation { look = await UndoSurvey.look(at: known, in: world) }
        looks.append((inverse.stored.target, look))
      }
      // Where several operations undo one change, it is back when all of them find it so, and barred when none does more.
      let open = looks.filter { $0.look != .back }
      return open.first { !$0.look.isBarred } ?? open.first ?? looks[0]
    }
    if Task.isCancelled { throw .cancelled }
    for (target, look) in looks {
      switch look {
      case .ready(let remark):
        if let remark { later.append(Finding(target: target, why: remark)) }
      case .back: back.append(target)
      case .silent(let why): silent.append(Finding(target: target, why: why))
      case .barred(let why): barred.append(Finding(target: target, why: why))
      case .withheld(let why): withheld.append(Finding(target: target, why: why))
      }
    }
  }

  private enum Look: Sendable, Equatable {
    /// It can be done; with what it takes back beside the change.
    case ready(String?)
    case back
    case silent(String)
    case barred(String)
    case withheld(String)

    var isBarred: Bool { if case .barred = self { true } else { false } }
  }

  private static func look<Change: Operation>(at change: Change, in world: World) async -> Look {
    do throws(CallFailure) {
      guard case .exact(let outcome) = try await change.predict(in: world) else { return .ready(nil) }
      if let failure = change.shortfall(in: outcome), failure.mark == .withheld { return .withheld(failure.message) }
      if change.leftAsFound(by: outcome) { return .back }
      if let why = try await change.obstacle(in: world) { return .barred(why) }
      return .ready(change.comment(on: outcome))
    } catch {
      // What else is wrong the change itself meets, and says.
      return error.failureClass == .unavailable ? .silent(error.message) : .ready(nil)
    }
  }
}
