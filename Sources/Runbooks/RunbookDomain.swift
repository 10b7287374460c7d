package import PrimitiveKit
import RunbookHeader

extension Surroundings {
  private enum EngineKey: SurroundingsKey {
    static var fallback: Bound<RunbookEngine> {
      Bound(failing: CallFailure(.defect, code: "internal.unbound", message: "no engine for runbooks"))
    }
  }

  /// The engine of runbooks, which exists once Lua does.
  package var runbookEngine: Bound<RunbookEngine> {
    get { self[EngineKey.self] }
    set { self[EngineKey.self] = newValue }
  }
}

extension Domain {
  /// Runbooks, and runs that are taken up again.
  package static var runbooks: Domain {
    var domain = Domain("runbooks")
    domain.siteSections = [RunbookSettings.self]
    domain.commands = Subcommand.aboutRuns
    domain.checks = [.drills, .runs]
    domain.shapes = RunbookShapes.all + JobShapes.all
    domain.functions = LuaFunction.unknowns
    domain.errors = RunbookErrors.of
    domain.primitives = { surroundings throws(CallFailure) in
      RunbookPrimitives(surroundings.runbookEngine).all + JobPrimitives.all
    }
    return domain
  }
}
