package import PrimitiveKit

extension Surroundings {
  private enum EngineKey: SurroundingsKey {
    static var fallback: Bound<RunbookEngine> {
      Bound(failing: CallFailure(.defect, code: "internal.unbound", message: "there is no engine for runbooks"))
    }
  }

  /// The engine of runbooks, which exists once Lua does.
  package var runbookEngine: Bound<RunbookEngine> {
    get { self[EngineKey.self] }
    set { self[EngineKey.self] = newValue }
  }
}

extension Domain {
  /// Runs and runbooks.
  package static var runbooks: Domain {
    var domain = Domain("runbooks")
    domain.siteSections = [RunbookSettings.self]
    domain.primitives = { surroundings throws(CallFailure) in
      RunbookDesk(surroundings.runbookEngine).primitives + JobPrimitives.all
    }
    return domain
  }

  /// Second operators.
  package static var approvals: Domain {
    var domain = Domain("approvals")
    domain.siteSections = [ApprovalSettings.self]
    return domain
  }
}
